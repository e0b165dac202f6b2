import { readFile } from "node:fs/promises";
import type { PolicyActivation } from "@vivified/contracts";
import { newTrace, VivifiedError } from "@vivified/runtime";
import { type ActivationStores, activatePolicy } from "./activate-policy.ts";
import type { AdmittedBundle } from "./admit-bundle.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { keepBundle } from "./store-bundle.ts";
import { supersedePending } from "./supersede-pending.ts";

export type BootstrapPolicyDeps = Pick<PolicyChangeDeps, "atomically" | "stores" | "admit" | "logger">;
type Shipped = { readonly archive: Buffer; readonly bundle: AdmittedBundle };

/**
 * Puts the shipped bundle in force when nothing ever was, and a newer shipped one as long as no person and no source has
 * published anything. A bad file stops core only while nothing is in force.
 *
 * @throws VivifiedError `policy_bundle_refused`, `invalid_config` when there is nothing to fall back on
 */
export async function bootstrapPolicy(file: string, deps: BootstrapPolicyDeps): Promise<void> {
  const active = await deps.stores.policies.active();
  if (active !== undefined && active.kind !== "bootstrap") return;
  try {
    const archive = await readFile(file).catch(absent);
    await takeShipped({ archive, bundle: await deps.admit(archive) }, deps);
  } catch (error) {
    if (active === undefined) throw error;
    deps.logger.error({ err: error, file }, "the shipped policy bundle is refused; the one before stays in force");
  }
}

function absent(cause: unknown): never {
  throw new VivifiedError("invalid_config", { detail: "the shipped policy bundle cannot be read", cause });
}

async function takeShipped(shipped: Shipped, deps: BootstrapPolicyDeps): Promise<void> {
  if (shipped.bundle.relaxed.length > 0) {
    const detail = "the shipped policy bundle relaxes floor rules; publish it, so that a second person looks at it";
    throw new VivifiedError("invalid_config", { detail });
  }
  const taken = await deps.atomically(async (stores) => {
    await stores.policies.lock("wait");
    return (await takesThePlace(shipped.bundle, stores)) ? bootstrap(shipped, stores) : undefined;
  });
  if (taken !== undefined) deps.logger.warn({ revision: taken.revision }, "the shipped policy is in force");
}

async function takesThePlace({ revision, serial }: AdmittedBundle, { policies }: ActivationStores): Promise<boolean> {
  const active = await policies.active();
  if (active === undefined) return true;
  if (active.kind !== "bootstrap" || active.revision === revision) return false;
  return serial >= ((await policies.findBundle(active.revision))?.serial ?? 0);
}

async function bootstrap(shipped: Shipped, stores: ActivationStores): Promise<PolicyActivation> {
  const by = { caller: "core", trace: newTrace() };
  const { revision } = await keepBundle(shipped, by, stores);
  await supersedePending({ kind: "bootstrap" }, by, stores);
  const asked = { kind: "bootstrap", revision, note: "the shipped policy", requested_by: by.caller } as const;
  return activatePolicy(() => stores.policies.addActivation({ ...asked, state: "active" }), by, stores);
}
