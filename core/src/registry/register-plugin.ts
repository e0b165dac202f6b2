import { createHash } from "node:crypto";
import {
  canonicalJson,
  type JsonObject,
  type Manifest,
  type ManifestViolation,
  manifestDiff,
  type RegisterReply,
  type TraceContext,
  validateManifest,
} from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { type Change, changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import type { CallingPlugin } from "./calling-plugin.ts";
import { type Merge, mergeVersion } from "./merge-version.ts";
import type { ManifestVersion, RegisteredPlugin } from "./registry-store.ts";

type Used = Pick<Stores, "plugins" | "decisions" | "revision">;
export type RegisterPluginDeps = {
  readonly stores: Used;
  readonly atomically: Atomically<Used>;
  readonly mode: "dev" | "production";
};
export type Registration = CallingPlugin & { readonly manifest: unknown; readonly trace: TraceContext };

/**
 * Takes a plugin's manifest: a new plugin waits for approval, the manifest that is known is confirmed, and an upgrade that
 * asks for nothing new takes its place. One that asks for more waits; until it is approved the one before stays in force.
 *
 * @throws VivifiedError `conflict` 409 for another plugin's id, or another manifest under a version that is known;
 *   `invalid` 422 with every violation. Refusals are recorded.
 */
export async function registerPlugin(registration: Registration, deps: RegisterPluginDeps): Promise<RegisterReply> {
  const { manifest, warnings } = await acceptManifest(registration, deps);
  const version = { manifest, digest: digestOf(manifest) };
  const result = await deps.atomically((stores) => settle(registration, version, stores));
  if (result.conflict !== undefined) return refuse(registration, "registry.version_taken", result.conflict, deps);
  return reply(result.plugin, warnings);
}

function digestOf(manifest: Manifest): string {
  return createHash("sha256").update(canonicalJson(manifest)).digest("hex");
}

async function acceptManifest(registration: Registration, deps: RegisterPluginDeps) {
  const { manifest: value, pluginId } = registration;
  const named = (value as JsonObject).id;
  if (typeof named === "string" && named !== pluginId) {
    const detail = `the certificate is of ${pluginId}, the manifest of another plugin`;
    return refuse(registration, "registry.foreign_id", new VivifiedError("conflict", { detail }), deps);
  }
  const knownPlugins = (await deps.stores.plugins.list()).map(known);
  const { manifest, violations, warnings } = validateManifest(value, { mode: deps.mode, knownPlugins });
  if (manifest === undefined)
    return refuse(registration, "registry.invalid_manifest", invalidManifest(violations), deps);
  return { manifest, warnings };
}

const known = ({ id, manifest }: RegisteredPlugin) => ({
  id,
  contracts: manifest.contracts,
  dependencies: manifest.dependencies ?? [],
});

/** The manifest's violations, placed where the request has the manifest. */
export function invalidManifest(found: readonly ManifestViolation[]): VivifiedError {
  const violations = found.map((violation) => ({ ...violation, pointer: `/manifest${violation.pointer}` }));
  return new VivifiedError("invalid", { detail: "the manifest is not valid", extra: { violations } });
}

type Settled = { readonly plugin: RegisteredPlugin; readonly conflict?: VivifiedError };

async function settle(registration: Registration, version: ManifestVersion, stores: Used): Promise<Settled> {
  const { pluginId, spiffeId } = registration;
  const added = await stores.plugins.addIfAbsent({ ...version, spiffeId });
  const before = await lockKnown(pluginId, stores);
  const merge: Merge = added ? { kind: "registered" } : mergeVersion(before, version);
  if (merge.kind === "conflict") return { plugin: before, conflict: merge.error };
  if (merge.kind === "unchanged") return { plugin: before };
  if (merge.kind === "withdrawn") await stores.plugins.propose(pluginId, undefined);
  if (merge.kind === "proposed") await stores.plugins.propose(pluginId, version);
  if (merge.kind === "upgraded") await stores.plugins.adopt(pluginId, version);
  if (merge.kind === "registered" || merge.kind === "upgraded") await stores.revision.advance();
  await stores.decisions.append([changeRecord(told(registration, merge, version))]);
  return { plugin: await lockKnown(pluginId, stores) };
}

async function lockKnown(id: string, { plugins }: Pick<Stores, "plugins">): Promise<RegisteredPlugin> {
  const plugin = await plugins.lock(id);
  if (plugin === undefined) throw new VivifiedError("conflict", { detail: "the plugin was removed meanwhile" });
  return plugin;
}

const sentences = {
  registered: "A plugin registered and waits for approval",
  upgraded: "A plugin was upgraded to a version that asks for nothing new",
  proposed: "A version that asks for more waits for approval",
  withdrawn: "The version that waited for approval was withdrawn",
} as const;

function told(
  registration: Registration,
  merge: Exclude<Merge, { kind: "conflict" | "unchanged" }>,
  version: ManifestVersion,
): Change {
  const { pluginId, trace } = registration;
  const reason = { rule: `registry.${merge.kind}`, message: sentences[merge.kind], fix: "" };
  const diff = "diff" in merge ? { added: merge.diff.added.join(", "), removed: merge.diff.removed.join(", ") } : {};
  const labels = { version: version.manifest.version, digest: version.digest, ...diff };
  return { caller: pluginId, action: "register", resource: `plugin ${pluginId}`, trace, reason, labels };
}

async function refuse(
  registration: Registration,
  rule: string,
  error: VivifiedError,
  deps: RegisterPluginDeps,
): Promise<never> {
  const { pluginId, trace } = registration;
  const reason = {
    rule,
    message: error.detail ?? "The registration is refused",
    fix: "register the plugin's own, valid manifest",
  };
  const change = { caller: pluginId, action: "register", resource: `plugin ${pluginId}`, trace, reason } as const;
  await deps.stores.decisions.append([changeRecord({ ...change, entrypoint: "refused" })]);
  throw error;
}

function reply(plugin: RegisteredPlugin, warnings: readonly ManifestViolation[]): RegisterReply {
  const { proposed } = plugin;
  const waiting = proposed ? [waitingSentence(plugin, proposed)] : [];
  return {
    status: plugin.status,
    plugin_id: plugin.id,
    grants: [...plugin.grants],
    warnings: [...waiting, ...warnings.map(({ pointer, message, fix }) => `${pointer}: ${message}; ${fix}`)],
  };
}

function waitingSentence(plugin: RegisteredPlugin, { manifest }: ManifestVersion): string {
  const { added } = manifestDiff(plugin.manifest, manifest);
  return `version ${manifest.version} waits for approval, because it asks for ${added.join(", ")}`;
}
