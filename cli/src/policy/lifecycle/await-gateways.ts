import { setTimeout as delay } from "node:timers/promises";
import type { GatewayPolicyStatus, PolicyOverview } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";

/** Gateways that follow, that refused, and those of which nothing was heard in time. */
export type Followers = {
  readonly follow: readonly GatewayPolicyStatus[];
  readonly refuse: readonly GatewayPolicyStatus[];
  readonly silent: readonly GatewayPolicyStatus[];
};

/** A gateway that has said nothing for this long is gone, and nobody waits for it. */
const goneAfterMs = 30_000;
const pollMs = 100;

/** Waits until every gateway that is there has taken or refused an activation; at least one has to say so. */
export async function awaitGateways(api: AdminApi, activation: number, waitSeconds: number): Promise<Followers> {
  const deadline = Date.now() + waitSeconds * 1000;
  for (;;) {
    const { gateways } = await api.call<PolicyOverview>("GET", "/admin/policies");
    const followers = sorted(gateways, activation);
    if (isEverywhere(followers) || Date.now() >= deadline) return followers;
    await delay(pollMs);
  }
}

/** Whether every gateway has said what it makes of it, and none refused. */
export function isEverywhere({ follow, refuse, silent }: Followers): boolean {
  return silent.length === 0 && refuse.length === 0 && follow.length > 0;
}

function sorted(gateways: readonly GatewayPolicyStatus[], activation: number): Followers {
  const follow = gateways.filter((gateway) => gateway.activation >= activation);
  const rest = gateways.filter((gateway) => gateway.activation < activation);
  const refuse = rest.filter(({ refused }) => (refused?.activation ?? 0) >= activation);
  const silent = rest.filter((gateway) => !refuse.includes(gateway) && !isGone(gateway));
  return { follow, refuse, silent };
}

/** Whether a gateway has not been heard of for so long that nobody waits for it. */
export const isGone = ({ reported_at }: GatewayPolicyStatus): boolean =>
  Date.now() - Date.parse(reported_at) > goneAfterMs;
