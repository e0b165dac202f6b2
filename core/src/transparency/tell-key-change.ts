import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { openCheckpoint } from "@vivified/tlog";
import { type Kysely, sql } from "kysely";
import { changeRecord, decisionStore } from "../audit/index.ts";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import type { LogIdentity, OldKey } from "./log-identity.ts";
import { logStore } from "./log-store.postgres.ts";

const rule = "audit.key_changed";

/**
 * Records that the log's key was changed, before the first checkpoint that the new one signs: so those who believe the old
 * one find in the log, under a signature of it, which key follows. Once, however many cores begin at a time.
 *
 * @returns false when another core has the log in hand, so that it is not known yet: ask again before anything is signed
 */
export async function tellKeyChange(identity: LogIdentity, db: Kysely<Tables>): Promise<boolean> {
  const { old, verifier } = identity;
  if (old === undefined) return true;
  return db.transaction().execute(async (transaction) => {
    const store = logStore(transaction);
    if (!(await store.lock())) return false;
    const newest = await store.newest();
    if (newest === undefined || openCheckpoint(newest.note, { log: verifier }).fault === undefined) return true;
    const record = keyRecord(identity, old);
    if (!(await isTold(record, transaction))) await decisionStore(transaction).append([record]);
    return true;
  });
}

async function isTold({ resource }: DecisionRecord, db: Db): Promise<boolean> {
  const { rows } = await sql`
    select from decisions
    where (shape_id is null or shape_id in (select id from decision_shapes where resource = ${resource}))
      and resource = ${resource} and lane = 'core' and rules @> array[${rule}]::text[] limit 1`.execute(db);
  return rows.length > 0;
}

function keyRecord({ verifier, vkey }: LogIdentity, old: OldKey): DecisionRecord {
  return changeRecord({
    caller: "core",
    action: "change audit log key",
    resource: `audit log key ${verifier.id}`,
    trace: newTrace(),
    reason: { rule, message: "Another key signs the audit log from here on", fix: "" },
    labels: { old_key: old.vkey, new_key: vkey },
  });
}
