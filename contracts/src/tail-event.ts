import type { DecisionRow } from "./core-api.ts";

/** What a tail sends (WHATWG server-sent events): one decision, with its place in the log as the event's id. */
export function tailEvent(logIndex: number, row: DecisionRow): string {
  return `id: ${logIndex}\ndata: ${JSON.stringify(row)}\n\n`;
}

/** Nothing happened: keeps the connection alive, and moves the place to resume from past what was not wanted. */
export function tailHeartbeat(logIndex: number): string {
  return `: nothing new\nid: ${logIndex}\n\n`;
}
