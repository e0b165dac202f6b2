import type { Checkpoint } from "@vivified/tlog";
import type { LogIdentity } from "./log-identity.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import { openOwnCheckpoint } from "./open-own-checkpoint.ts";

export const checkpointPath = "checkpoint";

/** The checkpoint as it lies there, and what it says. */
export type Published = { readonly bytes: Uint8Array; readonly checkpoint: Checkpoint };
export type ReadPublishedDeps = { readonly identity: LogIdentity; readonly storage: Pick<LogStorage, "read"> };

/** What lies beside the tiles, if anything does. @throws VivifiedError `log_inconsistent` for a checkpoint that is not ours */
export async function readPublished({ identity, storage }: ReadPublishedDeps): Promise<Published | undefined> {
  const bytes = await storage.read(checkpointPath);
  if (bytes === undefined) return undefined;
  const opened = openOwnCheckpoint(bytes, identity);
  if (opened.fault === undefined) return { bytes, checkpoint: opened.checkpoint };
  throw logInconsistency(`the published checkpoint is not ours: ${opened.fault}`);
}
