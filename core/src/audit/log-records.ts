import type { AuditRecord } from "@vivified/contracts";

/** A record and its place in the log. */
export type PlacedRecord = { readonly logIndex: number; readonly record: AuditRecord };

/** A stretch of the log: `end` is the place behind it. Places whose record was removed are in it, too. */
export type LogWindow = { readonly records: readonly PlacedRecord[]; readonly end: number };

/** The log in its order. */
export type LogRecords = {
  /** At most `places` of the log from a place on; ends where the log does. */
  readonly read: (from: number, places: number) => Promise<LogWindow>;
  /** The records at these places, in the order of the log. */
  readonly readAt: (places: readonly number[]) => Promise<readonly PlacedRecord[]>;
};
