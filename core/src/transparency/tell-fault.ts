import { newTrace } from "@vivified/runtime";
import type { Kysely } from "kysely";
import { changeRecord, decisionStore } from "../audit/index.ts";
import type { Tables } from "../database/tables.ts";
import { logStore } from "./log-store.postgres.ts";

/**
 * Records that the log is inconsistent, once for every fault however many cores find it.
 *
 * @returns false when another core has the log in hand, so that it is not told yet: say it again
 */
export function tellFault(fault: string, db: Kysely<Tables>): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const store = logStore(transaction);
    if (!(await store.lock())) return false;
    if ((await store.fault()) === fault) return true;
    await store.setFault(fault);
    await decisionStore(transaction).append([faultRecord(fault)]);
    return true;
  });
}

function faultRecord(fault: string) {
  const message = "The audit log is not what was signed before; no checkpoint is signed until it is";
  return changeRecord({
    entrypoint: "refused",
    caller: "core",
    action: "sign audit log",
    resource: "audit log",
    trace: newTrace(),
    reason: {
      rule: "audit.log_inconsistent",
      message,
      fix: "compare database and log storage with a backup; do not remove either",
    },
    labels: { fault },
  });
}
