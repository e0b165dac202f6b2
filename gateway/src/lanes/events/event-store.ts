import type { EventEnvelope } from "@vivified/contracts";

/** Where events are kept until every subscriber had them. */
export type EventStore = {
  /**
   * Resolves once the event is durable. An event with an id that was stored within the window of de-duplication is not
   * stored again, and must say the same.
   *
   * @throws VivifiedError `events_unavailable` 503: it may or may not have been stored; `too_large` 413; `conflict` 409:
   *   another event was stored under this id
   */
  readonly store: (event: EventEnvelope) => Promise<{ readonly bytes: number }>;
};
