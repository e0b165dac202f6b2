import { policyModules } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { entrypointsOf } from "../entrypoints.ts";
import { compileModule, type ModuleSource } from "./compile-module.ts";
import { installDirectory } from "./install-directory.ts";
import type { PolicyManifest } from "./manifest.ts";
import { runOpa } from "./opa.ts";
import { readPolicyDirectory } from "./policy-directory.ts";
import { digestOf, readSources, type SourceFile } from "./read-sources.ts";

export type BuildOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  /** The `policies/` folder: `vivified/`, `data/`, `capabilities.json`. */
  readonly source: string;
  /** Where the policy directory goes (`POLICY_DIR`); its parent must exist. */
  readonly output: string;
};

/**
 * Compiles the policies into a policy directory: one Wasm module per lane, `data.json`, and `manifest.json` with the
 * digest of each. Nobody sees half a directory: it is made beside the old one and put in its place by renaming. An
 * unchanged source is not built again.
 *
 * @throws VivifiedError `invalid_config` when OPA refuses the rules, or there are none.
 */
export async function buildPolicies(options: BuildOptions): Promise<PolicyManifest> {
  const files = await readSources(options.source);
  const compiler = await runOpa({ opa: options.opa, cwd: options.source, args: ["version"] });
  const source = digestOf([compiler, ...files.flatMap(({ path, bytes }) => [path, bytes])]);
  const existing = await existingManifest(options.output);
  if (existing?.source === source) return existing;
  const compiled = await Promise.all(moduleSources(options, files).map(compileModule));
  return installDirectory(compiled, { source, output: options.output });
}

async function existingManifest(directory: string): Promise<PolicyManifest | undefined> {
  try {
    return (await readPolicyDirectory(directory)).manifest;
  } catch {
    return undefined; // absent or damaged: it is built anew
  }
}

/** Every module gets its own rules and those of the folders that belong to no module; what is not there is not built. */
function moduleSources({ opa, source }: BuildOptions, files: readonly SourceFile[]): ModuleSource[] {
  const folders = new Set(files.filter(({ path }) => path.startsWith("vivified/")).map(({ path }) => topFolder(path)));
  const modules = policyModules.filter((module) => folders.has(module));
  if (modules.length === 0) throw new VivifiedError("invalid_config", { detail: `no policies below ${source}` });
  const common = [...folders].filter((folder) => !policyModules.some((module) => module === folder));
  const data = files.some(({ path }) => path.startsWith("data/")) ? ["data"] : [];
  const used = (module: string) => [...[module, ...common].map((folder) => `vivified/${folder}`), ...data];
  return modules.map((module) => ({
    opa,
    source,
    module,
    entrypoints: entrypointsOf(module).filter((name) => files.some(({ path }) => path.startsWith(`vivified/${name}/`))),
    folders: used(module),
  }));
}

const topFolder = (path: string): string => path.split("/")[1] ?? "";
