import {
  base64Of,
  bundlePath,
  decodeBundle,
  emptyEdge,
  encodeBundle,
  equalHashes,
  extendTree,
  formatCheckpoint,
  leafHash,
  newBundles,
  readEdge,
  rootOfEdge,
  signNote,
  type TreeEdge,
  tilePath,
  tileWidth,
} from "@vivified/tlog";
import { inBatches } from "./in-batches.ts";
import type { LogIdentity } from "./log-identity.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import type { SignedCheckpoint } from "./log-store.ts";
import { type OwnKeys, openOwnCheckpoint } from "./open-own-checkpoint.ts";
import { readTileFile } from "./read-tile-file.ts";
import { requireGrowth } from "./require-growth.ts";
import { requirePublished } from "./require-published.ts";
import { storedTiles } from "./stored-tiles.ts";

export type GrowDeps = { readonly identity: LogIdentity; readonly storage: LogStorage };

/** Enough to check what was signed. */
export type Verifying = { readonly identity: OwnKeys; readonly storage: LogStorage };

type File = { readonly path: string; readonly bytes: Uint8Array };

/**
 * Appends entries to the log: writes bundles and tiles, then signs. Everything follows from the last checkpoint and the
 * entries, so whoever does it again after a crash writes and signs the same bytes.
 *
 * @throws VivifiedError `log_inconsistent` when what lies on the storage is not what the last checkpoint signed, or more
 * was published
 */
export async function growLog(
  last: SignedCheckpoint | undefined,
  entries: readonly Uint8Array[],
  deps: GrowDeps,
): Promise<Omit<SignedCheckpoint, "madeAt">> {
  const { identity, storage } = deps;
  const before = await signedEdge(last, deps);
  const { edge, tiles } = extendTree(before, entries.map(leafHash));
  await requirePublished({ before, after: edge }, deps);
  await putAll(await filledBundles(before, entries, storage), storage);
  await putAll(
    tiles.map(({ tile, hashes }) => ({ path: tilePath(tile), bytes: Buffer.concat(hashes) })),
    storage,
  );
  const root = rootOfEdge(edge);
  await requireGrowth({ from: before.size, fromRoot: rootOfEdge(before), to: edge.size, toRoot: root }, storage);
  const text = formatCheckpoint({ origin: identity.origin, size: edge.size, root, extensions: [] });
  return {
    size: edge.size,
    root: base64Of(root),
    note: signNote(text, identity.signer, ...(identity.old ? [identity.old.signer] : [])),
  };
}

/** The edge of the tree that the last checkpoint signed. @throws VivifiedError `log_inconsistent` */
export async function signedEdge(
  last: SignedCheckpoint | undefined,
  { identity, storage }: GrowDeps | Verifying,
): Promise<TreeEdge> {
  if (last === undefined) return emptyEdge;
  const opened = openOwnCheckpoint(last.note, identity);
  if (opened.fault !== undefined) throw logInconsistency(`the last checkpoint is not ours: ${opened.fault}`);
  const { size, root } = opened.checkpoint;
  if (size !== last.size) throw logInconsistency(`the checkpoint kept as ${last.size} is one of ${size}`);
  const edge = await readEdge(size, storedTiles(storage));
  if (!equalHashes(rootOfEdge(edge), root))
    throw logInconsistency(`the tiles of ${size} have another root than was signed`);
  return edge;
}

async function filledBundles(before: TreeEdge, entries: readonly Uint8Array[], storage: LogStorage): Promise<File[]> {
  const begun = await begunBundle(before, storage);
  const start = before.size - begun.length;
  const all = [...begun, ...entries];
  return newBundles(before.size, before.size + entries.length).map((bundle) => {
    const from = bundle.index * tileWidth - start;
    return { path: bundlePath(bundle), bytes: encodeBundle(all.slice(from, from + bundle.width)) };
  });
}

/** The entries of the last, partial bundle, which must be those that the tree holds. */
async function begunBundle({ size, levels }: TreeEdge, storage: LogStorage): Promise<Uint8Array[]> {
  const hashes = levels[0] ?? [];
  if (hashes.length === 0) return [];
  const place = { index: Math.floor(size / tileWidth), width: hashes.length };
  const bytes = await readTileFile({ level: "entries", ...place }, storage);
  if (bytes === undefined) throw logInconsistency(`${bundlePath(place)} is missing`);
  const entries = decodeBundle(bytes);
  const same = hashes.every((hash, at) => entries[at] !== undefined && equalHashes(leafHash(entries[at]), hash));
  if (!same) throw logInconsistency(`${bundlePath(place)} holds other entries than the tree`);
  return entries;
}

function putAll(files: readonly File[], storage: LogStorage): Promise<void> {
  return inBatches(files, ({ path, bytes }) => storage.putOnce(path, bytes));
}
