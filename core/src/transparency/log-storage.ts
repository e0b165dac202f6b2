/**
 * Where the files of the log lie, by their path in tlog-tiles. What was put once is durable and stays as it is: a second
 * put of the same bytes does nothing, so that work may be done again after a crash.
 */
export type LogStorage = {
  readonly read: (path: string) => Promise<Uint8Array | undefined>;
  /** @throws VivifiedError `log_inconsistent` when other bytes lie there */
  readonly putOnce: (path: string, bytes: Uint8Array) => Promise<void>;
  /** For the one file that changes: `checkpoint`. A reader sees the old or the new bytes. */
  readonly replace: (path: string, bytes: Uint8Array) => Promise<void>;
  /** For partial tiles that a full one replaces. What is not there is gone already. */
  readonly remove: (path: string) => Promise<void>;
};
