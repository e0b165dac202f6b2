import type { Problem, Reason } from "@vivified/contracts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { type LaneError, type LaneFailure, laneErrorOf } from "./lane-error.ts";

export type LaneReply = { readonly status: number; readonly mediaType: string; readonly text: string };

/**
 * Turns a reply of 400 or more into its error. `application/problem+json` is the platform's own word; a plain JSON
 * object on a call is what the target answered; anything else came from something in between.
 */
export function readFailure(reply: LaneReply, traceId: string): LaneError {
  const body = parseJson(reply.text);
  if (!isJsonObject(body)) return laneErrorOf(unreadable(reply, traceId));
  if (reply.mediaType === "application/problem+json") return laneErrorOf(fromProblem(reply, body, traceId));
  return laneErrorOf(fromTarget(reply, body, traceId));
}

function fromProblem(reply: LaneReply, body: JsonObject, traceId: string): LaneFailure {
  const problem: Partial<Record<keyof Problem, JsonValue>> = body;
  return {
    code: text(problem.code) ?? "unexpected_reply",
    status: reply.status,
    message: text(problem.detail) ?? text(problem.title) ?? `the platform answered ${reply.status}`,
    origin: "platform",
    retryable: problem.retryable === true,
    executed: problem.executed === true ? true : undefined,
    decisionId: text(problem.decision_id),
    reasons: reasons(problem.reasons),
    traceId: text(problem.trace_id) ?? traceId,
    upstreamStatus: typeof problem.upstream_status === "number" ? problem.upstream_status : undefined,
  };
}

function fromTarget(reply: LaneReply, body: JsonObject, traceId: string): LaneFailure {
  const { status } = reply;
  const message = text(body.message) ?? `the target answered ${status}`;
  return { code: text(body.error) ?? "target_refused", status, message, origin: "target", retryable: false, traceId };
}

/** An Envoy says 503 to a request that it never sent and to one that broke off in the middle: nobody can tell. */
function unreadable({ status }: LaneReply, traceId: string): LaneFailure {
  const message = `the lane answered ${status} without saying why`;
  return { code: "unexpected_reply", status, message, origin: "platform", retryable: false, traceId };
}

function reasons(value: JsonValue | undefined): readonly Reason[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((reason) => ({
    rule: text(reason.rule) ?? "",
    message: text(reason.message) ?? "",
    fix: text(reason.fix) ?? "",
  }));
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
