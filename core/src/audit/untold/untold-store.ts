import type { DecisionRecord } from "@vivified/contracts";

/** A decision in the order of the log. */
export type LoggedDecision = {
  readonly logIndex: string;
  readonly decisionId: string;
  readonly traceId: string;
  readonly entrypoint: string;
  /** On whose subject its block stands. */
  readonly writer: string;
  /** It let something be done, of which an outcome is told. */
  readonly acts: boolean;
};

export type UntoldStore = {
  /** How far permits were looked at; whoever else wants to go on waits for this transaction. */
  readonly lock: () => Promise<string>;
  /** The next decisions whose blocks were taken in before a moment, in the order of the log. */
  readonly decisionsAfter: (
    logIndex: string,
    page: { readonly before: Date; readonly limit: number },
  ) => Promise<readonly LoggedDecision[]>;
  /** Those with an outcome, and those that were refused after all. */
  readonly toldOf: (permits: readonly LoggedDecision[]) => Promise<ReadonlySet<string>>;
  readonly append: (records: readonly DecisionRecord[]) => Promise<void>;
  readonly moveTo: (logIndex: string) => Promise<void>;
};
