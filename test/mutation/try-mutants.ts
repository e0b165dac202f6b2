import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Fate, Mutant } from "./mutant.ts";

export type TryOptions = {
  readonly opa: string;
  /** The `policies/` folder. */
  readonly policies: string;
  /** How many are tried at once, each on a copy of its own. */
  readonly atOnce: number;
};

/** Runs the Rego tests against every mutant. */
export async function tryMutants(mutants: readonly Mutant[], options: TryOptions): Promise<ReadonlyMap<Mutant, Fate>> {
  const waiting = [...mutants];
  const fates = new Map<Mutant, Fate>();
  const work = async () => {
    await using bench = await copyOf(options.policies);
    for (let mutant = waiting.pop(); mutant !== undefined; mutant = waiting.pop()) {
      fates.set(mutant, await fateOf(mutant, { opa: options.opa, directory: bench.directory }));
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return fates;
}

async function copyOf(policies: string): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-mutants-"));
  for (const folder of tested) await cp(join(policies, folder), join(directory, folder), { recursive: true });
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

const tested = ["vivified", "data"];

async function fateOf(mutant: Mutant, { opa, directory }: { opa: string; directory: string }): Promise<Fate> {
  const file = join(directory, mutant.file);
  const original = await readFile(file);
  try {
    await writeFile(file, mutant.content);
    return await runTests(opa, directory);
  } finally {
    await writeFile(file, original);
  }
}

/** `opa test` ends with 2 when a test failed, and with 1 when the rules do not compile. */
function runTests(opa: string, cwd: string): Promise<Fate> {
  return new Promise((resolve, reject) => {
    const args = ["test", "--fail-on-empty", "--timeout", "10s", ...tested];
    execFile(opa, args, { cwd, maxBuffer: 16 * 1024 * 1024 }, (error) => {
      const code = error === null ? 0 : error.code;
      const fate = ({ 0: "survived", 1: "stillborn", 2: "killed" } as const)[Number(code)];
      if (fate === undefined) reject(error ?? new Error("opa test ended strangely"));
      else resolve(fate);
    });
  });
}
