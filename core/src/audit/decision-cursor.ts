import type { DecisionRecord } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { DecisionCursor } from "./decision-store.ts";

/** Where a page ended, as callers hand it back. */
export function formatCursor({ timestamp, decision_id }: Pick<DecisionRecord, "timestamp" | "decision_id">): string {
  return Buffer.from(`${timestamp} ${decision_id}`).toString("base64url");
}

/** @throws VivifiedError `invalid` 422 naming the parameter, for a text that is no cursor */
export function parseCursor(text: string, parameter: "before" | "after"): DecisionCursor {
  const [timestamp = "", decisionId = ""] = Buffer.from(text, "base64url").toString().split(" ");
  const occurredAt = new Date(timestamp);
  if (decisionId !== "" && !Number.isNaN(occurredAt.getTime()) && !decisionId.includes("\u0000"))
    return { occurredAt, decisionId };
  const violations = [{ pointer: `#querystring/${parameter}`, message: "is not a cursor of this log" }];
  throw new VivifiedError("invalid", { extra: { violations } });
}
