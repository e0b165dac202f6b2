import type { DecisionRecord } from "@vivified/contracts";

/** Core's own records that no block holds yet. */
export type OwnRecords = {
  /** How far blocks were taken in: the stream sequence of the last one. */
  readonly takenIn: () => Promise<number>;
  /** The oldest that no block which was taken in holds. */
  readonly waiting: (limit: number) => Promise<readonly DecisionRecord[]>;
  /** Does the work unless another core is at it. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
};
