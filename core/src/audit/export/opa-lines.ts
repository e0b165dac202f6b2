import type { KeptDecision } from "../decision-store.ts";
import { opaEvent } from "../push/opa-event.ts";

/** A decision as an event of OPA's decision log on one line, and what became of it, when it was told, as one on the next. */
export function opaLines({ record, logIndex, outcome }: KeptDecision): string {
  const place = logIndex === undefined ? {} : { logIndex: Number(logIndex) };
  const events = [opaEvent({ record, ...place }), ...(outcome === undefined ? [] : [opaEvent({ record: outcome })])];
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}
