import type { DecisionPage, DecisionQuery, DecisionRow } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { DecisionCursor, DecisionStore, KeptDecision } from "./decision-store.ts";

const defaultLimit = 100;

/** One page of the decision log, newest first. @throws VivifiedError `invalid` 422 for a cursor that is none */
export async function searchDecisions(query: DecisionQuery, decisions: DecisionStore): Promise<DecisionPage> {
  const { before, limit = defaultLimit, ...filter } = query;
  const found = await decisions.search(filter, limit + 1, before === undefined ? undefined : parseCursor(before));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { decisions: page.map(decisionRow), ...(found.length > limit && last && { next: formatCursor(last) }) };
}

function formatCursor({ record }: KeptDecision): string {
  return Buffer.from(`${record.timestamp} ${record.decision_id}`).toString("base64url");
}

function parseCursor(text: string): DecisionCursor {
  const [timestamp = "", decisionId = ""] = Buffer.from(text, "base64url").toString().split(" ");
  const occurredAt = new Date(timestamp);
  if (decisionId !== "" && !Number.isNaN(occurredAt.getTime()) && !decisionId.includes("\u0000"))
    return { occurredAt, decisionId };
  const violations = [{ pointer: "#querystring/before", message: "is not a cursor of this log" }];
  throw new VivifiedError("invalid", { extra: { violations } });
}

function decisionRow({ record, outcome }: KeptDecision): DecisionRow {
  const { decision_id, timestamp, lane, entrypoint, caller, action, resource, target, revision, trace_id, parent_id } =
    record;
  const { effect, reasons, obligations } = record.result;
  return {
    ...{ decision_id, timestamp, lane, entrypoint, caller, action, resource, effect, revision, trace_id },
    reasons: [...reasons],
    obligations: [...obligations],
    ...(target !== undefined && { target }),
    ...(parent_id !== undefined && { parent_id }),
    ...(outcome && { outcome: outcomeOf(outcome) }),
  };
}

function outcomeOf({ outcome, status, code, duration_ms }: NonNullable<KeptDecision["outcome"]>) {
  return { outcome, duration_ms, ...(status !== undefined && { status }), ...(code !== undefined && { code }) };
}
