/** The number of the snapshot: counts up by one with every change, in the order of the commits. */
export type RevisionStore = {
  /** Part of every transaction that changes what the snapshot says. */
  readonly advance: () => Promise<void>;
  readonly current: () => Promise<number>;
  /** After a restore: what was published before must not be published again under the same number. */
  readonly raiseTo: (revision: number) => Promise<void>;
};
