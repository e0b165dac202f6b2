import { base64Of, type Checkpoint } from "@vivified/tlog";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import type { LogIdentity } from "./log-identity.ts";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";
import { logStore } from "./log-store.postgres.ts";
import type { LogStore, SignedCheckpoint } from "./log-store.ts";
import { checkpointPath, readPublished } from "./read-published.ts";

export type PublishDeps = {
  readonly db: Kysely<Tables>;
  readonly identity: LogIdentity;
  readonly storage: LogStorage;
};

/**
 * Puts the newest checkpoint, with the witnesses' signatures, beside the tiles, unless it lies there. One core at a time;
 * the others have nothing to do.
 *
 * @throws VivifiedError `log_inconsistent` when a checkpoint lies there that we signed and no longer know: the database has
 * been put back behind what the world has seen
 */
export function publishCheckpoint({ db, identity, storage }: PublishDeps): Promise<string | undefined> {
  return db.transaction().execute(async (transaction) => {
    const store = logStore(transaction);
    if (!(await store.lock())) return undefined;
    const newest = await store.newest();
    const published = await readPublished({ identity, storage });
    if (published !== undefined) await requireKnown(published.checkpoint, store);
    if (newest === undefined) return undefined;
    const note = await cosignedNote(newest, store);
    if (published === undefined || Buffer.from(published.bytes).toString() !== note) {
      await storage.replace(checkpointPath, Buffer.from(note));
    }
    return note;
  });
}

/** The checkpoint as others get it: our signature first, then the witnesses'. */
export async function cosignedNote({ note, size }: SignedCheckpoint, store: LogStore): Promise<string> {
  const lines = (await store.cosignatures(size)).map(({ line }) => line);
  return note + lines.join("");
}

async function requireKnown({ size, root }: Checkpoint, store: LogStore): Promise<void> {
  const [known] = await store.list(1, size + 1);
  if (known?.size === size && known.root === base64Of(root)) return;
  throw logInconsistency(`a checkpoint of ${size} is published that the database does not know`);
}
