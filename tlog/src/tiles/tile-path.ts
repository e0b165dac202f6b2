/** Hashes of one level, at most {@link tileWidth} of them, as tlog-tiles serves them. */
export type Tile = { readonly level: number; readonly index: number; readonly width: number };

/** A tile's place among the entries: bundles are numbered and cut like the tiles of level 0. */
export type Bundle = Omit<Tile, "level">;

export const tileWidth = 256;

/** `tile/<level>/<index>[.p/<width>]` (tlog-tiles, Merkle Tree). */
export function tilePath({ level, ...place }: Tile): string {
  return `tile/${level}/${placePath(place)}`;
}

/** `tile/entries/<index>[.p/<width>]` (tlog-tiles, Log entries). */
export function bundlePath(bundle: Bundle): string {
  return `tile/entries/${placePath(bundle)}`;
}

/** The tile or bundle that a path names; undefined for every path that the specification does not allow. */
export function parseTilePath(path: string): Tile | (Bundle & { readonly level: "entries" }) | undefined {
  const parts = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (parts === null) return undefined;
  const [, level = "", place = "", width = String(tileWidth)] = parts;
  const found = { index: Number(place.replaceAll(/[x/]/g, "")), width: Number(width) };
  const canonical = level === "entries" ? bundlePath(found) : tilePath({ level: Number(level), ...found });
  if (canonical !== path || Number(level) > 63) return undefined;
  return level === "entries" ? { level, ...found } : { level: Number(level), ...found };
}

function placePath({ index, width }: Bundle): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = padded.match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return width < tileWidth ? `${path}.p/${width}` : path;
}
