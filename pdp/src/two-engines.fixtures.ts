import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ourPolicies } from "./bundle/policies.fixtures.ts";
import { parseCases } from "./cases/parse-cases.ts";
import type { PlacedCase } from "./cases/policy-case.ts";

/** The cases that people wrote. @throws Error with every fault, when a file is not one of cases */
export async function writtenCases(): Promise<readonly PlacedCase[]> {
  const folder = join(ourPolicies, "cases");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".yaml"));
  const files = await Promise.all(
    names.map(async (name) => parseCases(await readFile(join(folder, name), "utf8"), name)),
  );
  const faults = files.flatMap((file) => file.faults);
  if (faults.length > 0) throw new Error(JSON.stringify(faults, undefined, 2));
  return files.flatMap((file) => file.cases);
}
