import type { Logger } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import type { ActivationStores } from "./activate-policy.ts";
import type { AdmitBundle } from "./admit-bundle.ts";

/** What every change of the policy in force needs. */
export type PolicyChangeDeps = {
  readonly atomically: Atomically<ActivationStores>;
  readonly stores: Pick<Stores, "policies" | "decisions">;
  readonly admit: AdmitBundle;
  /** `always`: every publication waits for a second person; `relaxed`: those that relax floor rules. */
  readonly approval: "always" | "relaxed";
  readonly logger: Logger;
};
