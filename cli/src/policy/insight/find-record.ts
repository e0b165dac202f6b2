import type { AdminApi } from "../../platform/admin-api.ts";
import { recordsOfCore } from "./records.ts";

const beforeMs = 60_000;
const afterMs = 10 * 60_000;

/**
 * The record of a decision. Its id (UUIDv7) says when it was made, so core is asked only for what was recorded about then.
 *
 * @throws Error when the id is none, or core keeps no such decision
 */
export async function findRecord(core: AdminApi, decisionId: string): Promise<Record<string, unknown>> {
  const madeMs = timeOf(decisionId);
  const since = new Date(madeMs - beforeMs).toISOString();
  const until = new Date(madeMs + afterMs).toISOString();
  for await (const record of recordsOfCore(core, { since, until })) {
    if (isRecord(record) && record.decision_id === decisionId) return record;
  }
  throw new Error(`core keeps no decision ${decisionId}`);
}

/** RFC 9562, 5.7: the first 48 bits are milliseconds of Unix time. */
function timeOf(decisionId: string): number {
  const digits = decisionId.replaceAll("-", "");
  if (!/^[0-9a-f]{12}7[0-9a-f]{19}$/i.test(digits)) {
    throw new Error(`${decisionId} is neither a file nor the id of a decision`);
  }
  return Number.parseInt(digits.slice(0, 12), 16);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
