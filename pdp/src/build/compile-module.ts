import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyModule } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { type AnyEntrypoint, decisionPath } from "../entrypoints.ts";
import { runOpa } from "./opa.ts";
import { readBundle } from "./read-bundle.ts";

export type ModuleSource = {
  readonly opa: string;
  readonly source: string;
  readonly module: PolicyModule;
  readonly entrypoints: readonly AnyEntrypoint[];
  /** Folders below the source: the module's own rules, the rules everybody uses, and the data. */
  readonly folders: readonly string[];
};

export type CompiledModule = Pick<ModuleSource, "module"> & {
  readonly entrypoints: { [entrypoint: string]: { cacheable: boolean } };
  readonly wasm: Buffer;
  readonly data: Buffer;
};

/**
 * Compiles one lane's policies to Wasm. Paths are relative to the source, so that the same rules give the same bytes on
 * every machine; the pinned capabilities refuse what the engine does not have, at build time.
 *
 * @throws VivifiedError `invalid_config` when OPA refuses the rules.
 */
export async function compileModule(source: ModuleSource): Promise<CompiledModule> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-policy-"));
  try {
    const bundle = join(directory, "bundle.tar.gz");
    await runOpa({ opa: source.opa, cwd: source.source, args: buildArguments(source, bundle) });
    const files = await readBundle(bundle);
    const { module } = source;
    const entrypoints = entrypointsIn(fileOf(files, "/.manifest"), source.entrypoints);
    return { module, entrypoints, wasm: fileOf(files, "/policy.wasm"), data: fileOf(files, "/data.json") };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function buildArguments({ entrypoints, folders }: ModuleSource, bundle: string): string[] {
  const asked = entrypoints.flatMap((entrypoint) => ["--entrypoint", decisionPath(entrypoint)]);
  const fixed = ["--target", "wasm", "--capabilities", "capabilities.json", "--ignore", "*_test.rego"];
  return ["build", ...fixed, ...asked, "--output", bundle, ...folders];
}

const BundleManifest = Type.Object({
  wasm: Type.Array(
    Type.Object({
      entrypoint: Type.String(),
      annotations: Type.Optional(
        Type.Array(Type.Object({ custom: Type.Optional(Type.Object({ cacheable: Type.Optional(Type.Boolean()) })) })),
      ),
    }),
  ),
});

/** What the decision rules say of themselves, as the compiler passes it on. */
function entrypointsIn(manifest: Buffer, asked: readonly AnyEntrypoint[]): CompiledModule["entrypoints"] {
  const { wasm } = Value.Parse(BundleManifest, JSON.parse(manifest.toString("utf8")));
  const saying = (entrypoint: AnyEntrypoint) => wasm.find((rule) => rule.entrypoint === decisionPath(entrypoint));
  const cacheable = (entrypoint: AnyEntrypoint) =>
    saying(entrypoint)?.annotations?.some(({ custom }) => custom?.cacheable === true) ?? false;
  return Object.fromEntries(asked.map((entrypoint) => [entrypoint, { cacheable: cacheable(entrypoint) }]));
}

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new VivifiedError("invalid_config", { detail: `the bundle has no ${name}` });
  return bytes;
}
