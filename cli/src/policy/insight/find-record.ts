import type { AdminApi } from "../../platform/admin-api.ts";
import { AdminApiError } from "../../platform/admin-api-error.ts";

/**
 * The record of a decision, as it was written.
 *
 * @throws Error when the id is none, or core keeps no such decision
 */
export async function findRecord(core: AdminApi, decisionId: string): Promise<Record<string, unknown>> {
  if (!isDecisionId(decisionId)) throw new Error(`${decisionId} is neither a file nor the id of a decision`);
  const { outcome: _, stream_sequence: __, ...record } = await wholeDecision(core, decisionId);
  return record;
}

async function wholeDecision(core: AdminApi, decisionId: string): Promise<Record<string, unknown>> {
  try {
    return await core.call("GET", `/admin/decisions/${decisionId}`);
  } catch (error) {
    if (!(error instanceof AdminApiError && error.status === 404)) throw error;
    throw new Error(`core keeps no decision ${decisionId}`);
  }
}

/** UUIDv7 (RFC 9562, 5.7). */
function isDecisionId(text: string): boolean {
  return /^[0-9a-f]{12}7[0-9a-f]{19}$/i.test(text.replaceAll("-", ""));
}
