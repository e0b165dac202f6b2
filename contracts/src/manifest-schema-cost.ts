import { isRecord } from "./manifest-value.ts";

const maxPlaces = 500;
const maxWays = 64;

/**
 * Whether a schema says the same little for every value: unfolded at its references it is small, and none leads back to
 * itself. A few `$defs` that each name the next one twice would otherwise be asked 2^n times about a single value.
 */
export function unfoldsSmall(schema: unknown): boolean {
  return places(schema, { root: schema, open: new Set(), known: new Map() }) <= maxPlaces;
}

type Unfolding = { readonly root: unknown; readonly open: Set<object>; readonly known: Map<object, number> };

function places(value: unknown, at: Unfolding): number {
  if (typeof value !== "object" || value === null) return 0;
  if (at.open.has(value)) return Number.POSITIVE_INFINITY;
  const known = at.known.get(value);
  if (known !== undefined) return known;
  at.open.add(value);
  const inside = [...Object.values(value), ...(isRecord(value) ? referred(value, at.root) : [])];
  const count = inside.reduce<number>((sum, inner) => sum + places(inner, at), 1);
  at.open.delete(value);
  at.known.set(value, count);
  return count;
}

function referred({ $ref }: { readonly [key: string]: unknown }, root: unknown): unknown[] {
  if (typeof $ref !== "string") return [];
  const tokens = $ref.split("/").slice(1);
  const names = tokens.map((token) => decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~"));
  return [names.reduce<unknown>((place, name) => Object(place)[name], root)];
}

/** An atom that is no quantifier, group or bar; `{m,n}` with its bounds; or one of the signs that give a pattern choices. */
const token = /\\[pPu]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?[a-z-]*:)?|\{(\d+)(?:(,)(\d*))?\}|[*+?|)]/gsu;

/**
 * Whether a backtracking engine is done with a pattern in time that grows with the text alone: the ways to match at one
 * place are few, at most one repetition is long, and that one only where the pattern begins with the text. `a*a*b`
 * takes the square of the text's length, and `a?a?a?aaa` doubles with every sign.
 */
export function matchesInLinearTime(pattern: string): boolean {
  const bars: number[] = [0];
  let ways = 1;
  let unbounded = 0;
  for (const [sign, least, comma, most] of pattern.matchAll(token)) {
    if (sign.startsWith("(")) bars.push(0);
    else if (sign === ")") ways *= 1 + (bars.pop() ?? 0);
    else if (sign === "|") bars.push((bars.pop() ?? 0) + 1);
    else if (sign === "?") ways *= 2;
    else if (sign === "*" || sign === "+") unbounded += 1;
    else if (comma && (most === "" || Number(most) - Number(least) >= maxWays)) unbounded += 1;
    else if (comma) ways *= 1 + Number(most) - Number(least);
  }
  const outermost = bars[0] ?? 0;
  const anchored = pattern.startsWith("^") && outermost === 0;
  return ways * (1 + outermost) <= maxWays && unbounded <= (anchored ? 1 : 0);
}

/** Ajv compares all items with each other unless it knows that they are texts, numbers or the like. */
export function comparesItemsFast({ items }: { readonly [key: string]: unknown }): boolean {
  const types = isRecord(items) ? [items.type].flat() : [];
  return types.length > 0 && types.every((type) => typeof type === "string" && !["object", "array"].includes(type));
}
