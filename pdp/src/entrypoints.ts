import { type CoreEntrypoint, type Entrypoint, entrypoints, moduleOf, type PolicyModule } from "@vivified/contracts";

/** Every question that policy answers: of the lanes and of core. */
export type AnyEntrypoint = Entrypoint | CoreEntrypoint;

export const allEntrypoints: readonly AnyEntrypoint[] = [...entrypoints, "admin/access", "audit/mask"];

/** OPA's path of the rule that answers: `rpc/invoke` → `vivified/rpc/invoke/decision`. */
export const decisionPath = (entrypoint: AnyEntrypoint): string => `vivified/${entrypoint}/decision`;

/** The questions that one compiled module answers. */
export const entrypointsOf = (module: PolicyModule): AnyEntrypoint[] =>
  allEntrypoints.filter((entrypoint) => moduleOf(entrypoint) === module);
