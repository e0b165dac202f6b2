import type { DecisionPage, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { AdminApi } from "../platform/admin-api.ts";
import { AdminApiError } from "../platform/admin-api-error.ts";

/** A decision as core keeps it: the record, what became of it, and where both stand. */
export type FoundDecision = {
  readonly record: DecisionRecord;
  readonly outcome?: OutcomeRecord;
  readonly stream_sequence?: number;
  readonly log_index?: number;
};

type Whole = DecisionRecord & Omit<FoundDecision, "record">;

/** @throws Error that says what the id is instead when core keeps no decision of that id */
export async function findDecision(core: AdminApi, id: string): Promise<FoundDecision> {
  const whole = isDecisionId(id) ? await wholeDecision(core, id) : undefined;
  if (whole === undefined) throw new Error(await whatElse(core, id));
  const { outcome, stream_sequence, log_index, ...record } = whole;
  return {
    record,
    ...(outcome && { outcome }),
    ...(stream_sequence !== undefined && { stream_sequence }),
    ...(log_index !== undefined && { log_index }),
  };
}

async function wholeDecision(core: AdminApi, id: string): Promise<Whole | undefined> {
  try {
    return await core.call<Whole>("GET", `/admin/decisions/${id}`);
  } catch (error) {
    if (error instanceof AdminApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** People have ids of several kinds at hand; those of traces and of policies can be looked for. */
async function whatElse(core: AdminApi, id: string): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(id) && (await anyWith(core, `trace_id=${id}`)))
    return `${id} is a trace, not a decision: vivified decisions search --trace ${id}`;
  if (/^[0-9a-f]{16}$/.test(id) && (await anyWith(core, `revision=${id}`)))
    return `${id} is a revision of policies, not a decision: vivified decisions search --revision ${id}`;
  if (!isDecisionId(id)) return `${id} is not the id of a decision`;
  return `core keeps no decision ${id}; ids of events, people and others look like one`;
}

async function anyWith(core: AdminApi, filter: string): Promise<boolean> {
  const { decisions } = await core.call<DecisionPage>("GET", `/admin/decisions?limit=1&${filter}`);
  return decisions.length > 0;
}

/** UUIDv7 (RFC 9562, 5.7). */
function isDecisionId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(text);
}
