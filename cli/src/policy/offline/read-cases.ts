import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ParsedCases, parseCases } from "@vivified/pdp";
import { here, type Workspace } from "./workspace.ts";

/** All cases below `cases/`, in YAML, and all that is wrong with them. */
export async function readCases({ root }: Workspace): Promise<ParsedCases> {
  const folder = join(root, "cases");
  const names = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const read = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const parsed = read.map((text, index) => parseCases(text, here(join(folder, files[index] ?? ""))));
  return { cases: parsed.flatMap(({ cases }) => cases), faults: parsed.flatMap(({ faults }) => faults) };
}
