import type { DecisionRecord } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { DecisionCursor } from "./decision-store.ts";
import { storableText } from "./storable-text.ts";

type Ended = Pick<DecisionRecord, "timestamp" | "decision_id">;

/** Where a page ended, as rows are ordered: a record's id may be a text that no row holds. */
export function cursorOf({ timestamp, decision_id: id }: Ended): DecisionCursor {
  return { occurredAt: new Date(timestamp), decisionId: storableText(id) };
}

/** The same, as callers hand it back. */
export function formatCursor(record: Ended): string {
  const { occurredAt, decisionId } = cursorOf(record);
  return Buffer.from(`${occurredAt.toISOString()} ${decisionId}`).toString("base64url");
}

/** @throws VivifiedError `invalid` 422 naming the parameter, for a text that is no cursor */
export function parseCursor(text: string, parameter: "before" | "after"): DecisionCursor {
  const [timestamp = "", ...id] = Buffer.from(text, "base64url").toString().split(" ");
  const decisionId = id.join(" ");
  const occurredAt = new Date(timestamp);
  if (decisionId !== "" && !Number.isNaN(occurredAt.getTime()) && !decisionId.includes("\u0000"))
    return { occurredAt, decisionId };
  const violations = [{ pointer: `#querystring/${parameter}`, message: "is not a cursor of this log" }];
  throw new VivifiedError("invalid", { extra: { violations } });
}
