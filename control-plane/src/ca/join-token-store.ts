/** What the `JOIN_TOKENS` bucket must do for us. The value is what somebody wrote there, not yet checked. */
export type JoinTokenStore = {
  readonly find: (key: string) => Promise<StoredJoinToken | undefined>;
  /** Replaces the entry if nobody did since it was read; false when somebody was first. */
  readonly replace: (stored: StoredJoinToken, value: string) => Promise<boolean>;
};

export type StoredJoinToken = { readonly key: string; readonly value: string; readonly revision: number };
