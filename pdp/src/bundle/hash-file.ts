import { createHash } from "node:crypto";
import { bundleRefused } from "./bundle-refused.ts";

/** The hashes that signatures of bundles may use, by OPA's names. Broken ones are not among them. */
const algorithms = { "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" } as const;

/**
 * The digest of a bundle's file as OPA's signatures have it (OPA, `bundle/hash.go`): of the bytes; of `data.json` and
 * `.manifest` by their content, so that white space does not count: `{key:value,…}` with keys in order of their bytes,
 * `[…]`, and everything else as JSON text.
 *
 * @returns lower-case hex
 * @throws VivifiedError `policy_bundle_refused` `bad_signature` for an algorithm that does not count
 */
export function hashFile(path: string, bytes: Buffer, algorithm: string): string {
  if (!isKnown(algorithm)) throw bundleRefused("bad_signature", `${path} is signed with ${algorithm}`);
  const hash = createHash(algorithms[algorithm]);
  if (!isStructured(path)) return hash.update(bytes).digest("hex");
  return hash.update(contentOf(parseKeepingNumbers(path, bytes))).digest("hex");
}

const isKnown = (algorithm: string): algorithm is keyof typeof algorithms => Object.hasOwn(algorithms, algorithm);

const isStructured = (path: string): boolean => /(^|\/)(?:data\.json|\.manifest)$/.test(path);

/** A number counts by its digits: `1.0` is not `1`. */
class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function parseKeepingNumbers(path: string, bytes: Buffer): unknown {
  const keep = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" ? new NumberText(context?.source ?? String(value)) : value;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), keep);
  } catch (cause) {
    throw bundleRefused("malformed", `${path} is not JSON`, cause);
  }
}

function contentOf(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map(contentOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return textOf(value);
  const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([key, member]) => `${textOf(key)}:${contentOf(member)}`).join(",")}}`;
}

/** As Go writes it without HTML escapes. */
function textOf(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}
