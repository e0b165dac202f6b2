import type { FacetReply } from "@vivified/contracts";
import type { Countable } from "./countable-span.ts";

/** What of a span was counted, as replies tell it; without bounds where there are none. */
export function counted({ span: { since, until, rounded }, partly }: Countable): Omit<FacetReply, "total" | "facets"> {
  return {
    ...(Number.isFinite(since) && { since: new Date(since).toISOString() }),
    ...(Number.isFinite(until) && { until: new Date(until).toISOString() }),
    estimated: rounded || partly,
  };
}
