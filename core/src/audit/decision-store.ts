import type {
  DecisionQuery,
  DecisionRecord,
  FacetQuery,
  FacetReply,
  HistogramQuery,
  HistogramReply,
  OutcomeRecord,
  RecordQuery,
} from "@vivified/contracts";

/**
 * A decision as it is kept, with what became of it, and where it stands: its block's sequence in the audit stream, and its
 * own index in the log. Core's own stand nowhere until a block holds them.
 */
export type KeptDecision = {
  readonly record: DecisionRecord;
  readonly outcome?: OutcomeRecord;
  readonly streamSequence?: string;
  readonly logIndex?: string;
};

/** Where a page of decisions ended: the next one begins behind it. */
export type DecisionCursor = { readonly occurredAt: Date; readonly decisionId: string };
export type DecisionFilter = Omit<DecisionQuery, "before" | "limit">;
export type RecordFilter = Omit<RecordQuery, "after" | "limit">;

/** Decisions: appended, searched, never changed. */
export type DecisionStore = {
  /** Appends records; one that is there already is left as it is. */
  readonly append: (records: readonly DecisionRecord[]) => Promise<void>;
  /** Newest first. */
  readonly search: (filter: DecisionFilter, limit: number, before?: DecisionCursor) => Promise<readonly KeptDecision[]>;
  /** Whole records, oldest first: for replay. */
  readonly records: (filter: RecordFilter, limit: number, after?: DecisionCursor) => Promise<readonly DecisionRecord[]>;
  readonly facets: (filter: FacetQuery) => Promise<FacetReply>;
  readonly histogram: (query: HistogramQuery, now: Date) => Promise<HistogramReply>;
  readonly find: (decisionId: string) => Promise<KeptDecision | undefined>;
};
