import { isJsonObject, type JsonObject, type JsonValue, type RelaxedRule } from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import { type AnyEntrypoint, allEntrypoints, decisionPath } from "../entrypoints.ts";
import type { BundleKeys } from "./bundle-keys.ts";
import { type BundleManifest, dataFile, manifestFile, parseManifest } from "./bundle-manifest.ts";
import { bundleRefused } from "./bundle-refused.ts";
import { sha256 } from "./digest.ts";
import type { BundleEntrypoint, PolicyBundle, PolicyRule } from "./policy-bundle.ts";
import { type ArchiveLimits, defaultArchiveLimits, readArchive } from "./read-archive.ts";
import { ruleModes } from "./rule-modes.ts";
import { verifyFiles } from "./verify-files.ts";

export type OpenBundleOptions = {
  /** Whose signature is wanted. Absent: the signature is not looked at, which is for local tools alone. */
  readonly keys?: BundleKeys;
  readonly limits?: Partial<ArchiveLimits>;
};

const jsonLimits = { maxBytes: 64 * 1024 * 1024, maxDepth: 64 };

/**
 * Reads a policy bundle (an OPA bundle with Wasm for our entrypoints), by whoever it was built, and checks all of it
 * before any of it counts.
 *
 * @throws VivifiedError `policy_bundle_refused` with `fault`
 */
export async function openBundle(archive: Uint8Array, options: OpenBundleOptions = {}): Promise<PolicyBundle> {
  const files = await readArchive(archive, { ...defaultArchiveLimits, ...options.limits });
  const keyId = options.keys && (await verifyFiles(files, options.keys));
  const manifest = parseManifest(jsonOf(files, manifestFile));
  const data = dataOf(files);
  const entrypoints = entrypointsOf(manifest);
  const modes = ruleModes(data.modes);
  const ours = manifest.metadata?.vivified;
  return {
    revision: manifest.revision,
    sha256: sha256(archive),
    serial: ours?.serial ?? 0,
    ...(ours && { source: ours.source }),
    ...(keyId !== undefined && { keyId }),
    modules: modulesOf(files, entrypoints),
    entrypoints,
    data,
    dataBytes: files.get(dataFile)?.length ?? 0,
    sources: sourcesOf(files),
    rules: rulesOf(manifest, modes),
    relaxed: relaxedOf(modes),
  };
}

function jsonOf(files: ReadonlyMap<string, Buffer>, name: string): JsonValue {
  const bytes = files.get(name);
  if (bytes === undefined) throw bundleRefused("malformed", `there is no ${name}`);
  try {
    return parseStrictJson(bytes.toString("utf8"), jsonLimits);
  } catch (cause) {
    throw bundleRefused("malformed", `${name} is not JSON`, cause);
  }
}

/** OPA writes the data of a bundle into one file at its root. */
function dataOf(files: ReadonlyMap<string, Buffer>): JsonObject {
  const elsewhere = [...files.keys()].find((name) => /\/data\.json$|(^|\/)data\.ya?ml$|(^|\/)patch\.json$/.test(name));
  if (elsewhere !== undefined) throw bundleRefused("malformed", `data is to be in ${dataFile}, not in ${elsewhere}`);
  const data = jsonOf(files, dataFile);
  if (!isJsonObject(data)) throw bundleRefused("malformed", `${dataFile} is not an object`);
  return data;
}

function entrypointsOf({ wasm }: BundleManifest): ReadonlyMap<AnyEntrypoint, BundleEntrypoint> {
  const found = allEntrypoints.flatMap((entrypoint) => {
    const resolvers = wasm.filter((resolver) => resolver.entrypoint === decisionPath(entrypoint));
    if (resolvers.length > 1) throw bundleRefused("malformed", `two modules answer ${entrypoint}`);
    return resolvers.map(({ module, annotations }) => {
      const cacheable = annotations?.some(({ custom }) => custom?.cacheable === true) ?? false;
      return [entrypoint, { module: module.replace(/^\//, ""), cacheable }] as const;
    });
  });
  if (found.length === 0) throw bundleRefused("malformed", "it answers none of our questions");
  return new Map(found);
}

function modulesOf(files: ReadonlyMap<string, Buffer>, entrypoints: ReadonlyMap<AnyEntrypoint, BundleEntrypoint>) {
  const names = new Set([...entrypoints.values()].map(({ module }) => module));
  return new Map([...names].map((name) => [name, moduleIn(files, name)]));
}

function moduleIn(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw bundleRefused("malformed", `the module ${name} is not there`);
  return bytes;
}

function sourcesOf(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> {
  const rego = [...files].filter(([name]) => name.endsWith(".rego"));
  return new Map(rego.map(([name, bytes]) => [name, bytes.toString("utf8")]));
}

function rulesOf({ metadata }: BundleManifest, modes: ReturnType<typeof ruleModes>): readonly PolicyRule[] {
  const rules = metadata?.vivified?.rules ?? [];
  return rules.map((rule) => ({ ...rule, floor: !isCustom(rule.id), mode: modes.get(rule.id) ?? "enforce" }));
}

/** By what is switched off, not by what is said to exist: a bundle cannot leave a rule out of its list. */
function relaxedOf(modes: ReturnType<typeof ruleModes>): readonly RelaxedRule[] {
  return [...modes].flatMap(([rule, mode]) => (isCustom(rule) || mode === "enforce" ? [] : [{ rule, mode }]));
}

const isCustom = (ruleId: string): boolean => ruleId.startsWith("custom.");
