import { readFile, rename, writeFile } from "node:fs/promises";

/** Names and their numbers from a JSON file; none when it is not there. */
export async function readNumbers(file: string): Promise<Record<string, number>> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
}

/** Written beside and renamed: a crash leaves the old file or the new one. */
export async function writeNumbers(file: string, numbers: ReadonlyMap<string, number>): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(Object.fromEntries(numbers), null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
