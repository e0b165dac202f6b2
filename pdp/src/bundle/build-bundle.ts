import { policyModules } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { entrypointsOf } from "../entrypoints.ts";
import { type BundleManifest, dataFile, manifestFile } from "./bundle-manifest.ts";
import { capabilitiesOf } from "./capabilities-of.ts";
import { checkCustomerRules } from "./check-customer-rules.ts";
import { type CompiledModule, compileModule } from "./compile-module.ts";
import { digestOf } from "./digest.ts";
import { inspectRules } from "./inspect-rules.ts";
import { openBundle } from "./open-bundle.ts";
import type { PolicyBundle } from "./policy-bundle.ts";
import { type PolicySource, readSources, type SourceFile } from "./read-sources.ts";
import { type BundleSigner, signaturesFile, signFiles } from "./sign-files.ts";
import { sourceDigest } from "./source-digest.ts";
import { writeArchive } from "./write-archive.ts";

export type BuildBundleOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  readonly source: PolicySource;
  /** Counts up with every version that is published; a lower one never takes the place of a higher one. 0 when absent. */
  readonly serial?: number;
  /** Absent: the bundle is not signed, and no platform takes it. */
  readonly signer?: BundleSigner;
};

export type BuiltBundle = { readonly archive: Buffer; readonly bundle: PolicyBundle };

/**
 * Compiles policies into a bundle that OPA can load, too: one Wasm module per lane, the data, the Rego for the
 * interpreter, a manifest and a signature. The same input gives the same bytes, on every machine.
 *
 * @throws VivifiedError `invalid_config` when OPA refuses the rules, a customer's say what is not theirs to say, or there
 *   are none
 */
export async function buildBundle(options: BuildBundleOptions): Promise<BuiltBundle> {
  const files = await readSources(options.source);
  const digest = await sourceDigest(options);
  const { opa } = options;
  const rules = await inspectRules(opa, files);
  await checkCustomerRules(opa, files);
  const modules = await Promise.all(moduleSources(options, files).map(compileModule));
  const content = contentOf(modules, files);
  const ours = { serial: options.serial ?? 0, source: digest, rules };
  const manifest = manifestOf(modules, content, ours);
  content.set(manifestFile, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
  if (options.signer !== undefined) content.set(signaturesFile, await signFiles(content, options.signer));
  const archive = await writeArchive(content);
  return { archive, bundle: await openBundle(archive) };
}

/** A module for every lane that has rules. */
function moduleSources({ opa, source }: BuildBundleOptions, files: readonly SourceFile[]) {
  const has = (entrypoint: string) => files.some(({ path }) => path.startsWith(`vivified/${entrypoint}/`));
  const sources = policyModules.map((module) => ({ module, entrypoints: entrypointsOf(module).filter(has) }));
  const asked = sources.filter(({ entrypoints }) => entrypoints.length > 0);
  if (asked.length === 0) throw new VivifiedError("invalid_config", { detail: `no policies below ${source.floor}` });
  const capabilities = capabilitiesOf(source);
  return asked.map((one) => ({ ...one, opa, files, capabilities }));
}

function contentOf(modules: readonly CompiledModule[], files: readonly SourceFile[]): Map<string, Buffer> {
  const rego = files.filter(({ path }) => path.endsWith(".rego")).map(({ path, bytes }) => [path, bytes] as const);
  const wasm = modules.map(({ path, wasm: bytes }) => [path, bytes] as const);
  return new Map([...rego, ...wasm, [dataFile, modules[0]?.data ?? Buffer.from("{}")]]);
}

type Ours = NonNullable<NonNullable<BundleManifest["metadata"]>["vivified"]>;

/** The revision changes with any byte of what decides, and with the serial: going back to earlier rules is a new publication. */
function manifestOf(modules: readonly CompiledModule[], content: ReadonlyMap<string, Buffer>, ours: Ours) {
  const decides = [...content].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
  const counted = ours.serial === 0 ? [] : [String(ours.serial)];
  const roots = new Set([...content.keys()].flatMap((name) => (name.endsWith(".rego") ? [name.split("/")[0]] : [])));
  const data = Object.keys(JSON.parse(content.get(dataFile)?.toString("utf8") ?? "{}"));
  return {
    revision: digestOf([...decides, ...counted]).slice(0, 16),
    roots: [...roots.union(new Set(data))].sort(),
    rego_version: 1,
    wasm: modules.flatMap(({ resolvers }) => resolvers),
    metadata: { vivified: ours },
  };
}
