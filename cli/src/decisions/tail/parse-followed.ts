import type { DecisionRow } from "@vivified/contracts";
import type { SseEvent } from "./sse-events.ts";

/** How far core has come in the log, and the decision that it told there; none when it only said how far. */
export type Followed = { readonly place: number; readonly row?: DecisionRow };

/** @throws Error for what no core sends */
export function parseFollowed({ id = "", data }: SseEvent): Followed {
  if (!/^(-1|\d{1,15})$/.test(id)) throw new Error("core sends an event without its place in the log");
  return { place: Number(id), ...(data !== undefined && { row: parseRow(data) }) };
}

function parseRow(data: string): DecisionRow {
  const row: unknown = JSON.parse(data);
  if (typeof row === "object" && row !== null && "decision_id" in row && typeof row.decision_id === "string")
    return row as DecisionRow;
  throw new Error("core sends an event that is no decision");
}
