import { canonicalJson, type GrantRequest, type StoredGrant, validateManifest } from "@vivified/contracts";
import { uuidv7, VivifiedError } from "@vivified/runtime";
import { changeRecord, toldWhole } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { checkGrants } from "./check-grants.ts";
import { invalidManifest } from "./register-plugin.ts";
import type { ManifestVersion, RegisteredPlugin } from "./registry-store.ts";

export type ApprovePluginDeps = {
  readonly atomically: Atomically<Pick<Stores, "plugins" | "decisions" | "revision">>;
  readonly mode: "dev" | "production";
  readonly insecureGrants: boolean;
};
export type Approval = { readonly id: string; readonly grants: readonly GrantRequest[]; readonly version?: string };

const reason = { rule: "registry.approved", message: "An operator approved the plugin and its grants", fix: "" };

/**
 * Makes a plugin active with exactly these grants, and puts the approved version in force.
 *
 * @throws VivifiedError `not_found` 404; `conflict` 409 for a disabled plugin or a version that nobody asks for; `invalid`
 *   422 for grants beyond what the manifest asks, or insecure ones where they are off
 */
export async function approvePlugin(
  approval: Approval,
  by: Requester,
  deps: ApprovePluginDeps,
): Promise<RegisteredPlugin> {
  return deps.atomically(async ({ plugins, decisions, revision }) => {
    const plugin = await plugins.lock(approval.id);
    if (plugin === undefined) throw new VivifiedError("not_found", { detail: "there is no such plugin" });
    const chosen = chooseVersion(plugin, approval.version);
    refuseUnsound(approval, chosen, deps);
    if (chosen.digest !== plugin.digest) await plugins.adopt(plugin.id, chosen);
    await plugins.setStatus(plugin.id, "active");
    const grants = identified(approval.grants, plugin.grants);
    await plugins.replaceGrants(plugin.id, grants, by.caller);
    await revision.advance();
    await decisions.append([changeRecord({ ...by, ...told(plugin.id, chosen, grants) })]);
    return (await plugins.find(plugin.id)) ?? plugin;
  });
}

function chooseVersion(plugin: RegisteredPlugin, version: string | undefined): ManifestVersion {
  if (plugin.status === "disabled") throw conflict("the plugin is disabled; enable it first");
  const { proposed } = plugin;
  if (version === undefined && proposed !== undefined) {
    throw conflict(`versions ${plugin.manifest.version} and ${proposed.manifest.version} are there; say which one`);
  }
  const wanted = version ?? plugin.manifest.version;
  const chosen = [plugin, proposed].find((known) => known?.manifest.version === wanted);
  if (chosen === undefined) throw conflict(`version ${wanted} is not there`);
  return { manifest: chosen.manifest, digest: chosen.digest };
}

const conflict = (detail: string): VivifiedError => new VivifiedError("conflict", { detail });

function refuseUnsound(approval: Approval, { manifest }: ManifestVersion, deps: ApprovePluginDeps): void {
  const { violations: faults } = validateManifest(manifest, { mode: deps.mode });
  if (faults.length > 0) throw invalidManifest(faults);
  const violations = checkGrants(approval.grants, manifest, { insecureAllowed: deps.insecureGrants });
  if (violations.length === 0) return;
  throw new VivifiedError("invalid", { detail: "the grants go beyond what may be granted", extra: { violations } });
}

/** A grant that was there before keeps its id, so that decisions go on naming the same one; twice the same is one. */
function identified(requests: readonly GrantRequest[], before: readonly StoredGrant[]): readonly StoredGrant[] {
  const ids = new Map(before.map(({ id, ...request }) => [canonicalJson(request), id]));
  const unique = new Map(requests.map((request) => [canonicalJson(request), request]));
  return [...unique].map(([text, request]) => ({ ...request, id: ids.get(text) ?? `g-${uuidv7()}` }));
}

/** With every grant, and the id by which decisions name it: what was in force is told by the trail alone. */
function told(id: string, { manifest, digest }: ManifestVersion, grants: readonly StoredGrant[]) {
  const labels = { version: manifest.version, digest, ...toldWhole("grants", grants) };
  return { action: "approve", resource: `plugin ${id}`, target: id, reason, labels };
}
