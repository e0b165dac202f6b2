export type StoredBlock = { readonly streamSequence: number; readonly bytes: Uint8Array };

/** The durable home of one writer's blocks. Stream sequences grow, with gaps where other writers wrote. */
export type BlockStream = {
  /**
   * Stores a block if the writer's last one is still the one at `after` (0: there is none). Resolves to its stream
   * sequence once it is durable. Any rejection, even a time-out, leaves open whether it was stored.
   */
  readonly append: (block: { bytes: Uint8Array; after: number }) => Promise<number>;
  /** The writer's first block behind a stream sequence. */
  readonly firstAfter: (streamSequence: number) => Promise<StoredBlock | undefined>;
  readonly last: () => Promise<StoredBlock | undefined>;
};

/** Another block stands behind the writer's last one: the stream takes blocks, this one stood in the wrong place. */
export class BlockOvertaken extends Error {}
