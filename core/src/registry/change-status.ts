import { validateManifest } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { invalidManifest } from "./register-plugin.ts";
import type { RegisteredPlugin } from "./registry-store.ts";

export type ChangeStatusDeps = {
  readonly atomically: Atomically<Pick<Stores, "plugins" | "decisions" | "revision">>;
  readonly mode: "dev" | "production";
};

/** Quarantines a plugin: it keeps its grants and may use none of them. @throws VivifiedError 404, 409 before approval */
export function disablePlugin(id: string, by: Requester, deps: ChangeStatusDeps): Promise<RegisteredPlugin> {
  return changeStatus(
    { id, to: "disabled", rule: "registry.disabled", message: "An operator disabled the plugin" },
    by,
    deps,
  );
}

/** Lifts a quarantine, if the manifest is still sound. @throws VivifiedError 404, 409 before approval, `invalid` 422 */
export function enablePlugin(id: string, by: Requester, deps: ChangeStatusDeps): Promise<RegisteredPlugin> {
  return changeStatus(
    { id, to: "active", rule: "registry.enabled", message: "An operator enabled the plugin" },
    by,
    deps,
  );
}

type StatusChange = {
  readonly id: string;
  readonly to: "active" | "disabled";
  readonly rule: string;
  readonly message: string;
};

async function changeStatus(change: StatusChange, by: Requester, deps: ChangeStatusDeps): Promise<RegisteredPlugin> {
  return deps.atomically(async ({ plugins, decisions, revision }) => {
    const plugin = await plugins.lock(change.id);
    if (plugin === undefined) throw new VivifiedError("not_found", { detail: "there is no such plugin" });
    if (plugin.status === "registered")
      throw new VivifiedError("conflict", { detail: "the plugin was never approved" });
    if (plugin.status === change.to) return plugin;
    if (change.to === "active") refuseUnsound(plugin, deps);
    await plugins.setStatus(plugin.id, change.to);
    await revision.advance();
    await decisions.append([changeRecord({ ...by, ...told(change) })]);
    return { ...plugin, status: change.to };
  });
}

function refuseUnsound({ manifest }: RegisteredPlugin, { mode }: ChangeStatusDeps): void {
  const { violations } = validateManifest(manifest, { mode });
  if (violations.length > 0) throw invalidManifest(violations);
}

function told({ id, to, rule, message }: StatusChange) {
  const action = to === "active" ? "enable" : "disable";
  return { action, resource: `plugin ${id}`, target: id, reason: { rule, message, fix: "" } };
}
