import type { DecisionPage, DecisionQuery, DecisionRow } from "@vivified/contracts";
import { formatCursor, parseCursor } from "./decision-cursor.ts";
import type { DecisionStore, KeptDecision } from "./decision-store.ts";

const defaultLimit = 100;

/** One page of the decision log, newest first. @throws VivifiedError `invalid` 422 for a cursor that is none */
export async function searchDecisions(query: DecisionQuery, decisions: DecisionStore): Promise<DecisionPage> {
  const { before, limit = defaultLimit, ...filter } = query;
  const found = await decisions.search(
    filter,
    limit + 1,
    before === undefined ? undefined : parseCursor(before, "before"),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { decisions: page.map(decisionRow), ...(found.length > limit && last && { next: formatCursor(last.record) }) };
}

/** What a list shows of a decision. */
export function decisionRow({ record, outcome }: Pick<KeptDecision, "record" | "outcome">): DecisionRow {
  const { decision_id, timestamp, lane, entrypoint, caller, action, resource, target, revision, trace_id, parent_id } =
    record;
  const { effect, reasons, obligations, would_deny, would_sanitize } = record.result;
  return {
    ...{ decision_id, timestamp, lane, entrypoint, caller, action, resource, effect, revision, trace_id },
    reasons: [...reasons],
    obligations: [...obligations],
    ...(would_deny && { would_deny: [...would_deny] }),
    ...(would_sanitize && { would_sanitize: [...would_sanitize] }),
    ...(target !== undefined && { target }),
    ...(parent_id !== undefined && { parent_id }),
    ...(outcome && { outcome: outcomeOf(outcome) }),
  };
}

function outcomeOf({ outcome, status, code, duration_ms }: NonNullable<KeptDecision["outcome"]>) {
  return { outcome, duration_ms, ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
}
