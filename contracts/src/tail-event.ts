import type { DecisionRow } from "./core-api.ts";

/** What a tail sends (WHATWG server-sent events): one decision, with its place in the log as the event's id. */
export function tailEvent(logIndex: number, row: DecisionRow): string {
  return `id: ${logIndex}\ndata: ${JSON.stringify(row)}\n\n`;
}

/** Nothing happened: keeps the connection alive, and moves the place to resume from past what was not wanted. */
export function tailHeartbeat(logIndex: number): string {
  return `: nothing new\nid: ${logIndex}\n\n`;
}

/** How often the server says that nothing happened; whoever hears nothing for several times as long is cut off. */
export const tailHeartbeatMs = 10_000;
