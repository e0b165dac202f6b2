import {
  type Checkpoint,
  decodeBundle,
  equalHashes,
  type Hash,
  leafHash,
  splitTile,
  tilePath,
  tileWidth,
} from "@vivified/tlog";
import type { Finding } from "./finding.ts";
import { entriesPath, type TileFiles } from "./verify-tiles.ts";

/** What the log says of a record at a place. */
export type EntryAt = {
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  readonly timestamp: string;
  /** Hex SHA-256 of the record's canonical JSON. */
  readonly digest: string;
};

export type Span = { readonly from: number; readonly to: number };
export type LogEntries = Pick<TileFiles, "read"> &
  Pick<Checkpoint, "size"> & {
    /** Gathers the places whose entry cannot be believed. */
    readonly unsound: Set<number>;
  };

/** The entries at these places, in order; a place whose entry is missing or was changed is told and left out. */
export async function* entriesIn(
  spans: readonly Span[],
  log: LogEntries,
  add: (finding: Finding) => void,
): AsyncGenerator<EntryAt> {
  let [at, entries]: [number, readonly (EntryAt | undefined)[]] = [-1, []];
  for (const { from, to } of spans) {
    for (let index = from; index < to; index += 1) {
      const bundle = Math.floor(index / tileWidth);
      if (bundle !== at) [at, entries] = [bundle, await readBundle(bundle, log, add)];
      const entry = entries[index % tileWidth];
      if (entry === undefined) log.unsound.add(index);
      else yield entry;
    }
  }
}

async function readBundle(bundle: number, log: LogEntries, add: (finding: Finding) => void) {
  const path = entriesPath(bundle, log.size);
  const bytes = await log.read(path);
  const hashes = await leavesOf(bundle, log);
  const texts = bytes === undefined ? undefined : decoded(bytes);
  if (texts === undefined || hashes === undefined || texts.length !== hashes.length) {
    const detail = `${path} is missing, or does not hold the entries ${bundle * tileWidth}–${bundle * tileWidth + tileWidth - 1}`;
    add({ kind: "tile_missing", path, detail });
    return [];
  }
  return texts.map((text, at) => soundEntry(text, { index: bundle * tileWidth + at, leaf: hashes[at], path, add }));
}

type Place = {
  readonly index: number;
  readonly leaf: Hash | undefined;
  readonly path: string;
  readonly add: (finding: Finding) => void;
};

function soundEntry(text: Uint8Array, { index, leaf, path, add }: Place): EntryAt | undefined {
  const entry = parseEntry(text);
  const known = entry && { id: entry.id, timestamp: entry.timestamp };
  if (leaf === undefined || !equalHashes(leafHash(text), leaf)) {
    add({ kind: "entry_changed", path, index, ...known, detail: "the entry is not the one that the tree holds" });
    return undefined;
  }
  if (entry !== undefined) return { index, ...entry };
  add({ kind: "entry_changed", path, index, detail: "the entry is none of an audit log" });
  return undefined;
}

async function leavesOf(index: number, { read, size }: LogEntries): Promise<readonly Hash[] | undefined> {
  const tile = { level: 0, index, width: Math.min(tileWidth, size - index * tileWidth) };
  const bytes = await read(tilePath(tile));
  return bytes === undefined || bytes.length !== tile.width * 32 ? undefined : splitTile(bytes, tile);
}

function decoded(bytes: Buffer): Uint8Array[] | undefined {
  try {
    return decodeBundle(bytes);
  } catch {
    return undefined;
  }
}

function parseEntry(bytes: Uint8Array): Omit<EntryAt, "index"> | undefined {
  try {
    const { digest, id, kind, timestamp } = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const texts = [digest, id, kind, timestamp].every((one) => typeof one === "string");
    return texts ? { digest, id, kind, timestamp } : undefined;
  } catch {
    return undefined;
  }
}
