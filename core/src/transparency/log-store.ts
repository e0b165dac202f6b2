/** A checkpoint that was signed. */
export type SignedCheckpoint = {
  readonly size: number;
  /** base64, as in the checkpoint */
  readonly root: string;
  /** The signed note, without cosignatures. */
  readonly note: string;
  readonly madeAt: Date;
};

/** A record's leaf that no checkpoint covers yet. */
export type WaitingLeaf = { readonly logIndex: number; readonly entry: string };

/** A witness's signature on a checkpoint: one line of the note. */
export type Cosignature = { readonly size: number; readonly witness: string; readonly line: string };

/** Where a record and its outcome stand in the log. */
export type LogPlaces = { readonly decision?: number; readonly outcome?: number };

/** The audit log as the database knows it. */
export type LogStore = {
  /** Whether this transaction may work on the log: false while another core does. */
  readonly lock: () => Promise<boolean>;
  readonly newest: () => Promise<SignedCheckpoint | undefined>;
  /** Newest first, those smaller than `before`. */
  readonly list: (limit: number, before?: number) => Promise<readonly SignedCheckpoint[]>;
  /** How wide the checkpoints so far had this tile while it was partial. */
  readonly partialWidths: (place: { readonly level: number; readonly index: number }) => Promise<readonly number[]>;
  /** How many records have a place in the log, signed or not. */
  readonly placed: () => Promise<number>;
  readonly leaves: (from: number, limit: number) => Promise<readonly WaitingLeaf[]>;
  /** Keeps a checkpoint; the leaves it covers are in the tiles and go. */
  readonly keep: (checkpoint: SignedCheckpoint) => Promise<void>;
  readonly cosignatures: (size: number) => Promise<readonly Cosignature[]>;
  /** The size of the largest checkpoint that this witness signed, 0 when none. */
  readonly cosignedBy: (witness: string) => Promise<number>;
  readonly addCosignature: (cosignature: Cosignature, madeAt: Date) => Promise<void>;
  readonly places: (decisionId: string) => Promise<LogPlaces>;
  /** What is wrong with the log, as long as it is. */
  readonly fault: () => Promise<string | undefined>;
  readonly setFault: (fault: string | undefined) => Promise<void>;
};
