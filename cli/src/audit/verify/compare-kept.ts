import { type Checkpoint, equalHashes, openCheckpoint, rootAt, tileHashes, type VerifierKey } from "@vivified/tlog";
import type { Finding } from "./finding.ts";
import { type TileFiles, tileReader } from "./verify-tiles.ts";

export type KeptCheckpoint = {
  readonly note: Uint8Array;
  readonly log: VerifierKey;
  /** The log's key before it was changed, which may have signed what was kept. */
  readonly oldLog?: VerifierKey;
};

/**
 * Whether the log is the one that an earlier checkpoint, which the auditor kept, was of: its first entries give the root
 * that was signed then.
 */
export async function compareKept(
  { note, log, oldLog = log }: KeptCheckpoint,
  { checkpoint, files, add }: { checkpoint: Checkpoint; files: TileFiles; add: (finding: Finding) => void },
): Promise<void> {
  const ofThisKey = openCheckpoint(note, { log });
  const kept = ofThisKey.fault === undefined ? ofThisKey : openCheckpoint(note, { log: oldLog });
  if (kept.fault !== undefined) {
    return add({
      kind: "bad_kept_checkpoint",
      detail: `the checkpoint that was kept is not one of this key (${kept.fault})`,
    });
  }
  const { size, root } = kept.checkpoint;
  if (size > checkpoint.size) return add(shrank(size, checkpoint.size));
  const found = await rootAt(size, tileHashes(checkpoint.size, tileReader(files))).catch(() => undefined);
  if (found === undefined) return add(notComparable(size));
  if (equalHashes(found, root)) return;
  const detail = `the first ${size} entries are not those of the checkpoint that was kept: the log was forked, or made anew`;
  add({ kind: "forked_log", detail });
}

function shrank(kept: number, now: number): Finding {
  const detail = `the checkpoint that was kept is of ${kept} entries, this export of ${now}: it is older, or the log was cut`;
  return { kind: "log_shrank", detail };
}

function notComparable(size: number): Finding {
  const detail = `the export lacks the tiles that lead to ${size} entries: make it with --checkpoint and the one that was kept`;
  return { kind: "not_comparable", detail };
}
