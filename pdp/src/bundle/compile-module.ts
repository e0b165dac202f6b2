import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PolicyModule, policyModules } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { type AnyEntrypoint, decisionPath } from "../entrypoints.ts";
import { type BundleManifest, dataFile, manifestFile, parseManifest } from "./bundle-manifest.ts";
import { defaultArchiveLimits, readArchive } from "./read-archive.ts";
import type { SourceFile } from "./read-sources.ts";
import { runOpa } from "./run-opa.ts";
import { stage } from "./staged.ts";

export type ModuleSource = {
  readonly opa: string;
  /** All files of the bundle, laid out as there. */
  readonly files: readonly SourceFile[];
  /** What may be called (OPA's capabilities file). */
  readonly capabilities: string;
  readonly module: PolicyModule;
  readonly entrypoints: readonly AnyEntrypoint[];
};

export type CompiledModule = {
  /** The module's path in the bundle. */
  readonly path: string;
  readonly wasm: Buffer;
  /** All data, as OPA puts it together. */
  readonly data: Buffer;
  readonly resolvers: BundleManifest["wasm"];
};

/** OPA takes Wasm only from files of this name. */
const modulePath = (module: PolicyModule): string => `vivified/${module}/policy.wasm`;

/**
 * Compiles one lane's rules, with all that they use, to Wasm. Paths are relative to the folder, so that the same rules
 * give the same bytes on every machine; the pinned capabilities refuse what the engine does not have, at build time.
 *
 * @throws VivifiedError `invalid_config` when OPA refuses the rules: with file, row and what is wrong
 */
export async function compileModule(source: ModuleSource): Promise<CompiledModule> {
  const { module, opa } = source;
  await using rules = await stage(source.files.filter(({ path }) => concerns(module, path)));
  await using built = await stage([]);
  const bundle = join(built.directory, "bundle.tar.gz");
  await runOpa({ opa, cwd: rules.directory, args: buildArguments(source, bundle) });
  return compiledIn(await readArchive(await readFile(bundle), defaultArchiveLimits), modulePath(module));
}

/** OPA compiles every entrypoint that it sees into the module, so it sees no other lane's. */
function concerns(module: PolicyModule, path: string): boolean {
  return !policyModules.some((other) => other !== module && path.startsWith(`vivified/${other}/`));
}

function buildArguments({ capabilities, entrypoints }: ModuleSource, output: string): string[] {
  const asked = entrypoints.flatMap((entrypoint) => ["--entrypoint", decisionPath(entrypoint)]);
  const fixed = ["--bundle", ".", "--target", "wasm", "--revision", "none", "--capabilities", capabilities];
  return ["build", ...fixed, ...asked, "--output", output];
}

function compiledIn(files: ReadonlyMap<string, Buffer>, path: string): CompiledModule {
  const manifest = parseManifest(JSON.parse(fileOf(files, manifestFile).toString("utf8")));
  const resolvers = manifest.wasm.map((resolver) => ({ ...resolver, module: `/${path}` }));
  return { path, resolvers, wasm: fileOf(files, "policy.wasm"), data: fileOf(files, dataFile) };
}

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new VivifiedError("invalid_config", { detail: `opa built no ${name}` });
  return bytes;
}
