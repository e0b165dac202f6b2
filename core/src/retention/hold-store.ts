import type { AuditHold, PlaceHoldRequest } from "@vivified/contracts";

export type ByAt = { readonly by: string; readonly at: Date };

/** A key, and the hash of the subject that it is of. */
export type SealedFor = { readonly key: string; readonly subject: string };

/** Legal holds. What a hold covers is judged where records are dropped (`held.ts`). */
export type HoldStore = {
  /** Waits until nobody deletes, and keeps deletion waiting until the end of the transaction. */
  readonly lock: () => Promise<void>;
  readonly place: (asked: PlaceHoldRequest, placed: ByAt) => Promise<AuditHold>;
  readonly find: (id: string) => Promise<AuditHold | undefined>;
  readonly list: () => Promise<readonly AuditHold[]>;
  readonly requestLift: (id: string, requested: ByAt) => Promise<AuditHold>;
  readonly lift: (id: string, lifted: ByAt) => Promise<AuditHold>;
  /** Whether any hold keeps anything. */
  readonly any: () => Promise<boolean>;
  /** A hold over a record that keeps something sealed with this key of the subject, among those that were taken in. */
  readonly overKept: (kept: SealedFor) => Promise<string | undefined>;
};
