import type { LogRecords } from "../log-records.ts";

/** One sender at a time pushes to a receiver: whoever holds its lease. */
export type PushLease = { readonly receiver: string; readonly holder: string; readonly leaseMs: number };

/** A record that a receiver refuses for good. */
export type Refusal = { readonly logIndex: number; readonly status: number; readonly detail: string };

/** How far the log was pushed to each receiver. */
export type PushStore = Pick<LogRecords, "read"> & {
  /** Takes or keeps the lease: the place to go on from, or nothing while somebody else holds it. */
  readonly claim: (lease: PushLease) => Promise<number | undefined>;
  /** Moves the position and keeps the lease; false when it was lost. */
  readonly advance: (lease: PushLease, next: number) => Promise<boolean>;
  /** Moves the position behind a refused record, and writes that down, all in one transaction; false as above. */
  readonly setAside: (lease: PushLease, refusal: Refusal) => Promise<boolean>;
  readonly release: (lease: PushLease) => Promise<void>;
  /** Places of the log that a receiver has not got yet. */
  readonly lag: (receiver: string) => Promise<number>;
};
