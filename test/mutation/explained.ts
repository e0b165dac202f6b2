import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** Mutants that no test can kill, each with the reason: usually that it means the same. */
export async function readExplained(file: string): Promise<ReadonlyMap<string, string>> {
  const entries: unknown = parse(await readFile(file, "utf8"));
  if (!Array.isArray(entries)) throw new Error(`${file} is not a list`);
  return new Map(entries.map(entryOf));
}

function entryOf(entry: unknown): [string, string] {
  const { mutant, why } = entry as { mutant?: unknown; why?: unknown };
  if (typeof mutant !== "string" || typeof why !== "string" || why.trim() === "") {
    throw new Error(`an entry needs a mutant and why it survives: ${JSON.stringify(entry)}`);
  }
  return [mutant, why];
}
