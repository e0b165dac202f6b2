import type { Clock, Logger } from "@vivified/runtime";
import { consistencyProof, tileHashes } from "@vivified/tlog";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { askWitness } from "./ask-witness.ts";
import type { LogStorage } from "./log-storage.ts";
import { logStore } from "./log-store.postgres.ts";
import type { LogStore, SignedCheckpoint } from "./log-store.ts";
import type { Witness } from "./parse-witnesses.ts";
import { storedTiles } from "./stored-tiles.ts";

export type CollectDeps = {
  readonly db: Kysely<Tables>;
  readonly storage: LogStorage;
  readonly witnesses: readonly Witness[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a signature was added to the newest checkpoint. */
  readonly added: () => void;
};

/** Asks every witness that has not signed the newest checkpoint. One that fails holds up none of the others. */
export async function collectCosignatures(deps: CollectDeps): Promise<void> {
  const store = logStore(deps.db);
  const newest = await store.newest();
  if (newest === undefined) return;
  await Promise.all(
    deps.witnesses.map((witness) =>
      collect(witness, newest, { ...deps, store }).catch((error: unknown) => {
        deps.logger.warn({ err: error, witness: witness.key.name }, "a witness did not sign; it will be asked again");
      }),
    ),
  );
}

async function collect(
  witness: Witness,
  newest: SignedCheckpoint,
  deps: CollectDeps & { store: LogStore },
): Promise<void> {
  const { store, storage, clock, added } = deps;
  const oldSize = await store.cosignedBy(witness.key.name);
  if (oldSize === newest.size) return;
  const hashes = tileHashes(newest.size, storedTiles(storage));
  const prove = (from: number) => consistencyProof({ from, to: newest.size }, hashes);
  const line = await askWitness({ witness, checkpoint: newest, oldSize, prove });
  await store.addCosignature({ size: newest.size, witness: witness.key.name, line }, clock.now());
  added();
}
