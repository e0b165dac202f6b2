import { readFile } from "node:fs/promises";
import { parseBundleKeys } from "@vivified/pdp";
import type { Foundation } from "./foundation.ts";
import { ActivePdp, bootstrapPolicy, bundleAdmission, GatewayStatuses, type PolicyRoutesDeps } from "./policy/index.ts";
import { Worker } from "./worker.ts";

/** Core's own door to policy, and what the policy routes need. */
export type PolicyParts = Pick<PolicyRoutesDeps, "admit" | "approval" | "gateways" | "source"> & {
  readonly pdp: ActivePdp;
};

/** Puts the shipped policy in force where nothing else is, and follows what is. */
export async function startPolicy(foundation: Foundation, stack: AsyncDisposableStack): Promise<PolicyParts> {
  const { config, nats, logger, stores, bell } = foundation;
  const keys = parseBundleKeys(await readFile(config.policyKeysFile, "utf8"));
  const admit = bundleAdmission(keys);
  await bootstrapPolicy(config.policyBundleFile, { ...foundation, admit });
  const pdp = stack.use(new ActivePdp({ policies: stores.policies, keys, logger }));
  await pdp.turn();
  const follower = stack.use(new Worker({ name: "policy", work: () => pdp.turn(), everyMs: 500, logger }));
  bell.onRing(() => follower.wake());
  const statuses = stack.use(new GatewayStatuses(nats, logger));
  return { pdp, admit, approval: config.policyApproval, gateways: () => statuses.current(), source: () => undefined };
}
