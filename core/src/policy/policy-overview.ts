import type { GatewayPolicyStatus, PolicyOverview, StoredBundle } from "@vivified/contracts";
import type { KeptBundle, PolicyStore } from "./policy-store.ts";

export type PolicyOverviewDeps = {
  readonly stores: { readonly policies: PolicyStore };
  readonly approval: "always" | "relaxed";
  readonly gateways: () => readonly GatewayPolicyStatus[];
  /** How it stands with the bundle source, where one is configured. */
  readonly source: () => PolicyOverview["source"];
};

const historyLength = 50;

/** What is in force, what waits, what was, what could be, and what each gateway runs. */
export async function policyOverview({ stores, ...deps }: PolicyOverviewDeps): Promise<PolicyOverview> {
  const { policies } = stores;
  const [active, pending] = [await policies.active(), await policies.pending()];
  const [shadow, source] = [await policies.shadow(), deps.source()];
  return {
    ...(active && { active }),
    approval_required: deps.approval === "always",
    pending: pending === undefined ? [] : [pending],
    history: [...(await policies.history(historyLength))],
    bundles: (await policies.bundles()).map(storedBundle),
    ...(shadow !== undefined && { shadow }),
    gateways: [...deps.gateways()],
    ...(source && { source }),
  };
}

/** A bundle as it is shown: without the pieces it is given out in. */
export function storedBundle({ parts: _, ...bundle }: KeptBundle): StoredBundle {
  return bundle;
}
