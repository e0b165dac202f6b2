import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CompiledModule } from "./compile-module.ts";
import { dataFile, manifestFile, moduleFile, type PolicyManifest, revisionOf } from "./manifest.ts";
import { sha256 } from "./read-sources.ts";

export type Installation = { readonly source: string; readonly output: string };

/** Writes a policy directory beside `output` and puts it in its place; whoever reads sees the old one or the new one. */
export async function installDirectory(
  compiled: readonly CompiledModule[],
  { source, output }: Installation,
): Promise<PolicyManifest> {
  const staging = await mkdtemp(`${output}.building-`);
  try {
    const manifest = manifestOf(compiled, source);
    await chmod(staging, 0o755);
    await Promise.all(compiled.map(({ module, wasm }) => writeFile(join(staging, moduleFile(module)), wasm)));
    await writeFile(join(staging, dataFile), dataOf(compiled));
    await writeFile(join(staging, manifestFile), `${JSON.stringify(manifest, undefined, 2)}\n`);
    await replaceDirectory(staging, output);
    return manifest;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function manifestOf(compiled: readonly CompiledModule[], source: string): PolicyManifest {
  const data = { sha256: sha256(dataOf(compiled)) };
  const modules = Object.fromEntries(
    compiled.map(({ module, entrypoints, wasm }) => [module, { sha256: sha256(wasm), entrypoints }]),
  );
  return { version: 1, revision: revisionOf({ data, modules }), source, data, modules };
}

/** Every module is compiled with the same data. */
const dataOf = (compiled: readonly CompiledModule[]): Buffer => compiled[0]?.data ?? Buffer.from("{}");

/** Two builds at once both succeed; the later one stays. */
async function replaceDirectory(staging: string, output: string): Promise<void> {
  const old = `${staging}.old`;
  try {
    await rename(output, old).catch(unless("ENOENT"));
    await rename(staging, output);
  } catch (error) {
    unless("ENOTEMPTY", "EEXIST")(error);
    await rm(old, { recursive: true, force: true });
    return replaceDirectory(staging, output);
  }
  await rm(old, { recursive: true, force: true });
}

function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error && "code" in error && codes.includes(String(error.code)))) throw error;
  };
}
