import type { DecisionRecord } from "@vivified/contracts";
import { type Logger, type MinuteBudget, networkOf, VivifiedError } from "@vivified/runtime";
import type { DecisionStore } from "./decision-store.ts";

export type BoundedRecordsDeps = {
  readonly stores: { readonly decisions: Pick<DecisionStore, "append"> };
  readonly budget: Pick<MinuteBudget, "take">;
  readonly logger: Logger;
  /** Counts what was not recorded, by rule. */
  readonly unrecorded: { readonly inc: (labels: { readonly rule: string }) => void };
};

/** Records a refusal that anybody can cause who reaches core, from an address, within the budget of its rule. */
export type BoundedRecords = (refusal: DecisionRecord, address: string) => Promise<void>;

/** What the minute has no room for stands in the process log and is counted. */
export function boundedRecords({ stores, budget, logger, unrecorded }: BoundedRecordsDeps): BoundedRecords {
  return async (refusal, address) => {
    const { rule = "" } = refusal.result.reasons[0] ?? {};
    if (hasRoom(rule, address, budget)) return stores.decisions.append([refusal]);
    unrecorded.inc({ rule });
    const { action, trace_id } = refusal;
    logger.warn({ security: true, rule, action, address, trace_id }, "refusal not recorded: too many this minute");
  };
}

function hasRoom(rule: string, address: string, budget: Pick<MinuteBudget, "take">): boolean {
  try {
    budget.take(rule, networkOf(address));
    return true;
  } catch (error) {
    if (error instanceof VivifiedError && error.code === "rate_limited") return false;
    throw error;
  }
}
