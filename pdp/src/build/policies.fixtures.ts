import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The OPA that tests use. */
export const opa = process.env.VIVIFIED_OPA ?? "opa";

/** The policies of this repository. */
export const ourPolicies = fileURLToPath(new URL("../../../policies", import.meta.url));

export type Scratch = AsyncDisposable & { readonly path: (name: string) => string };

/** A folder of its own for one test, gone afterwards. */
export async function scratch(): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-pdp-"));
  return {
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A policies folder with our capabilities and the given rules, by package path: `{"rpc/invoke": "decision := …"}`. */
export async function writePolicies(directory: string, rules: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(directory, { recursive: true });
  await cp(join(ourPolicies, "capabilities.json"), join(directory, "capabilities.json"));
  for (const [name, body] of Object.entries(rules)) {
    const file = join(directory, "vivified", name, "rules.rego");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `package vivified.${name.replace("/", ".")}\n\n${body}\n`);
  }
  return directory;
}
