import type { SnapshotEventType } from "@vivified/contracts";

/** The registered event types and what their fields mean. */
export type EventTypeStore = {
  readonly list: () => Promise<readonly SnapshotEventType[]>;
};
