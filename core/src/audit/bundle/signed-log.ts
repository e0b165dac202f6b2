import { VivifiedError } from "@vivified/runtime";
import { type Checkpoint, decodeBundle, encodeBundle, parseCheckpoint, splitNote, tileWidth } from "@vivified/tlog";

/** The files of the log as they lie on its storage, by their path in tlog-tiles. */
export type SignedLog = { readonly read: (path: string) => Promise<Uint8Array | undefined> };

export type PublishedCheckpoint = { readonly note: Uint8Array; readonly checkpoint: Checkpoint };

/** The newest published checkpoint. @throws VivifiedError `not_found` before the first, `internal` for what is none */
export async function publishedCheckpoint({ read }: SignedLog): Promise<PublishedCheckpoint> {
  const note = await read("checkpoint");
  if (note === undefined) throw new VivifiedError("not_found", { detail: "nothing of the log has been signed yet" });
  const checkpoint = parseCheckpoint(splitNote(note)?.text ?? "");
  if (checkpoint === undefined) throw new VivifiedError("internal", { detail: "the published checkpoint is none" });
  return { note, checkpoint };
}

/**
 * A file of the log. A partial one may be gone once the full one is there, which begins with the same.
 *
 * @throws VivifiedError `internal` when neither is there
 */
export async function logFile(path: string, { read }: SignedLog): Promise<Uint8Array> {
  const found = await read(path);
  if (found !== undefined) return found;
  const [whole = "", width] = path.split(".p/");
  const full = width === undefined ? undefined : await read(whole);
  if (full === undefined) throw new VivifiedError("internal", { detail: `the log's storage has no ${path}` });
  if (!path.startsWith("tile/entries/")) return full.subarray(0, (full.length / tileWidth) * Number(width));
  return encodeBundle(decodeBundle(full).slice(0, Number(width)));
}
