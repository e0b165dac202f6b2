const identifier = "(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)";
const pattern = new RegExp(
  `^v?(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** Semantic Versioning 2.0.0 as OPA takes it: with or without a leading `v`, numbers of 64 bits. */
export const isVersion = (value: unknown): boolean => typeof value === "string" && parse(value) !== null;

function parse(version: string): RegExpExecArray | null {
  const parts = pattern.exec(version);
  const fits = parts?.slice(1, 4).every((number) => BigInt(number) < 2n ** 63n);
  return fits ? parts : null;
}

/** −1, 0 or 1 by precedence (§11); undefined when one of them is no version. Build metadata does not count. */
export function compareVersions(one: string, other: string): number | undefined {
  const [a, b] = [parse(one), parse(other)];
  if (a === null || b === null) return undefined;
  for (const part of [1, 2, 3]) {
    const order = compareNumbers(a[part] ?? "", b[part] ?? "");
    if (order !== 0) return order;
  }
  return comparePrereleases(a[4], b[4]);
}

/** A version before its release comes before it. */
function comparePrereleases(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? 1 : -1;
  const [a, b] = [one.split("."), other.split(".")];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareIdentifiers(a[index] ?? "", b[index] ?? "");
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareIdentifiers(one: string, other: string): number {
  const [a, b] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (a && b) return compareNumbers(one, other);
  if (a !== b) return a ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Digits of any length, without leading zeroes. */
function compareNumbers(one: string, other: string): number {
  if (one.length !== other.length) return one.length < other.length ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
