import type { KeptPayloadRule } from "@vivified/contracts";

/** A key that must not exist any more; `subject` is the hash that it stood under. */
export type ForgottenKey = { readonly key: string; readonly subject: string };

/** What records keep of payloads, and whose keys were destroyed. */
export type SubjectStore = {
  readonly rules: () => Promise<readonly KeptPayloadRule[]>;
  readonly putRules: (rules: readonly KeptPayloadRule[]) => Promise<void>;
  /** Told twice, it is kept once. */
  readonly forget: (forgotten: ForgottenKey) => Promise<void>;
  /** Whether this key is to be destroyed, or was. */
  readonly isForgotten: (forgotten: ForgottenKey) => Promise<boolean>;
  readonly forgotten: () => Promise<readonly ForgottenKey[]>;
};
