import type { CheckpointPage, CheckpointQuery, LogCheckpoint } from "@vivified/contracts";
import type { LogIdentity } from "./log-identity.ts";
import type { LogStore, SignedCheckpoint } from "./log-store.ts";

const defaultLimit = 100;

/** The state of the log, and one page of its checkpoints, newest first. */
export async function listCheckpoints(
  { limit = defaultLimit, before }: CheckpointQuery,
  { store, identity }: { readonly store: LogStore; readonly identity: LogIdentity },
): Promise<CheckpointPage> {
  const found = await store.list(limit + 1, before);
  const page = await Promise.all(found.slice(0, limit).map((checkpoint) => told(checkpoint, store)));
  const fault = await store.fault();
  const last = page.at(-1);
  return {
    origin: identity.origin,
    vkey: identity.vkey,
    placed: await store.placed(),
    ...(fault !== undefined && { fault }),
    checkpoints: page,
    ...(found.length > limit && last && { next: last.size }),
  };
}

async function told({ size, root, note, madeAt }: SignedCheckpoint, store: LogStore): Promise<LogCheckpoint> {
  const cosignatures = await store.cosignatures(size);
  return {
    size,
    root,
    made_at: madeAt.toISOString(),
    note: note + cosignatures.map(({ line }) => line).join(""),
    witnesses: cosignatures.map(({ witness }) => witness),
  };
}
