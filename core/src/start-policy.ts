import { readFile } from "node:fs/promises";
import { parseBundleKeys } from "@vivified/pdp";
import { Worker } from "@vivified/runtime";
import type { Foundation } from "./foundation.ts";
import {
  ActivePdp,
  bootstrapPolicy,
  bundleAdmission,
  GatewayStatuses,
  openBundleSource,
  type PolicyRoutesDeps,
} from "./policy/index.ts";

/** Core's own door to policy, and what the policy routes need. */
export type PolicyParts = Pick<PolicyRoutesDeps, "admit" | "approval" | "gateways" | "source"> & {
  readonly pdp: ActivePdp;
  /** What time gateways say it is. */
  readonly gatewayClocks: GatewayStatuses["clocks"];
};

/** Puts the shipped policy in force where nothing else is, follows what is, and asks the bundle source if there is one. */
export async function startPolicy(foundation: Foundation, stack: AsyncDisposableStack): Promise<PolicyParts> {
  const { config, nats, logger, stores, bell } = foundation;
  const keys = parseBundleKeys(await readFile(config.policyKeysFile, "utf8"));
  const changes = { ...foundation, admit: bundleAdmission(keys), approval: config.policyApproval };
  await bootstrapPolicy(config.policyBundleFile, changes);
  const pdp = stack.use(new ActivePdp({ policies: stores.policies, keys, logger }));
  await pdp.turn();
  const follower = stack.use(new Worker({ name: "policy", work: () => pdp.turn(), everyMs: 500, logger }));
  bell.onRing(() => follower.wake());
  const statuses = stack.use(new GatewayStatuses(nats, logger));
  const source = await startSource(changes, stack);
  const { admit, approval } = changes;
  const told = { gateways: () => statuses.current(), gatewayClocks: () => statuses.clocks() };
  return { pdp, admit, approval, ...told, source };
}

type Changes = Foundation & Pick<PolicyParts, "admit" | "approval">;

async function startSource(changes: Changes, stack: AsyncDisposableStack): Promise<PolicyParts["source"]> {
  const { config, logger } = changes;
  const source = await openBundleSource(config, changes, stack);
  if (source === undefined) return () => undefined;
  const work = () => source.turn();
  stack.use(new Worker({ name: "bundle source", work, everyMs: config.policySourceIntervalMs, logger }));
  return () => source.state();
}
