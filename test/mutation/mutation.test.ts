import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataMutants } from "./data-mutants.ts";
import { readExplained } from "./explained.ts";
import type { Fate, Mutant } from "./mutant.ts";
import { regoMutants } from "./rego-mutants.ts";
import { tryMutants } from "./try-mutants.ts";

const policies = join(import.meta.dirname, "../../policies");
const opa = process.env.VIVIFIED_OPA ?? "opa";
/** The dictionary is held by tests of the host that reads it. */
const tables = ["access", "clearances", "events"].map((name) => `data/${name}/data.json`);

async function allMutants(): Promise<readonly Mutant[]> {
  const names = await readdir(join(policies, "vivified"), { recursive: true });
  const rego = names.filter((name) => name.endsWith(".rego") && !name.endsWith("_test.rego")).sort();
  const rules = await Promise.all(
    rego.map(async (name) => {
      const file = `vivified/${name}`;
      return regoMutants({ opa, directory: policies, file }, await readFile(join(policies, file), "utf8"));
    }),
  );
  const data = await Promise.all(
    tables.map(async (file) => dataMutants(file, await readFile(join(policies, file), "utf8"))),
  );
  return [...rules, ...data].flat();
}

describe("the tests of the rules", () => {
  let fates: ReadonlyMap<Mutant, Fate>;
  const count = (wanted: Fate) => [...fates.values()].filter((fate) => fate === wanted).length;

  beforeAll(async () => {
    fates = await tryMutants(await allMutants(), { opa, policies, atOnce: availableParallelism() });
  }, 300_000);

  afterAll(() => {
    process.stdout.write(
      `  mutants: ${count("killed")} killed, ${count("stillborn")} do not compile, ${count("survived")} survived\n`,
    );
  });

  it("kill every mutant, but for those that policies/mutants.yaml explains", async () => {
    expect(count("killed")).toBeGreaterThan(100);
    const explained = await readExplained(join(policies, "mutants.yaml"));
    const survivors = [...fates].flatMap(([{ id }, fate]) => (fate === "survived" ? [id] : []));
    expect(survivors.filter((id) => !explained.has(id)).sort()).toEqual([]);
    expect([...explained.keys()].filter((id) => !survivors.includes(id))).toEqual([]);
  });
});
