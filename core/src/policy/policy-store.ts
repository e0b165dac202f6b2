import type { PolicyActivation, StoredBundle } from "@vivified/contracts";

/** A bundle as it is kept, and the hashes of the pieces that it is given out in. */
export type KeptBundle = StoredBundle & { readonly parts: readonly string[] };
export type NewBundle = Omit<KeptBundle, "bytes"> & { readonly archive: Uint8Array };

export type NewActivation = Pick<PolicyActivation, "kind" | "revision" | "note" | "requested_by"> & {
  readonly state: "pending" | "active";
};
export type NewState = { readonly state: PolicyActivation["state"]; readonly by?: string };

/** Policy bundles and which of them was in force when. Bundles are never changed, activations never forgotten. */
export type PolicyStore = {
  /**
   * Makes whoever changes the policy the only one until the end of the transaction.
   *
   * @throws VivifiedError `conflict` 409 when somebody else is at it, unless told to wait
   */
  readonly lock: (busy: "refuse" | "wait") => Promise<void>;
  readonly addBundle: (bundle: NewBundle) => Promise<void>;
  readonly findBundle: (revision: string) => Promise<KeptBundle | undefined>;
  /** The bundle's bytes, as they were signed. */
  readonly archive: (revision: string) => Promise<Buffer | undefined>;
  /** Latest first, at most 100. */
  readonly bundles: () => Promise<readonly KeptBundle[]>;
  readonly active: () => Promise<PolicyActivation | undefined>;
  readonly pending: () => Promise<PolicyActivation | undefined>;
  readonly findActivation: (id: number) => Promise<PolicyActivation | undefined>;
  /** Latest first. */
  readonly history: (limit: number) => Promise<readonly PolicyActivation[]>;
  /** Activations of this revision in any state. */
  readonly activationsOf: (revision: string) => Promise<readonly PolicyActivation[]>;
  /** The revision that was in force before the active one, where there is one. */
  readonly previousRevision: () => Promise<string | undefined>;
  /** Gives it the next number. The lock must be held. */
  readonly addActivation: (activation: NewActivation) => Promise<PolicyActivation>;
  /** `by` is told with it when a person decided. */
  readonly setState: (id: number, change: NewState) => Promise<void>;
  /** After a restore: numbers that gateways have seen must not be given again. */
  readonly raiseLastActivation: (id: number) => Promise<void>;
  readonly shadow: () => Promise<string | undefined>;
  readonly setShadow: (revision: string | undefined) => Promise<void>;
};
