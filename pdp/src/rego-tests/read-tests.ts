import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicySource, SourceFile } from "../bundle/read-sources.ts";

/**
 * The Rego tests beside rules, by their place in the bundle: a customer's when there is one, else the platform's own.
 * Bundles hold no tests.
 */
export async function readTests({ floor, customer }: PolicySource): Promise<readonly SourceFile[]> {
  const root = customer ?? floor;
  const folders = customer === undefined ? ["vivified/", "custom/"] : ["custom/"];
  const names = (await readdir(root, { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  const tests = names.filter(
    (name) => name.endsWith("_test.rego") && folders.some((folder) => name.startsWith(folder)),
  );
  return Promise.all(tests.sort().map(async (path) => ({ path, bytes: await readFile(join(root, path)) })));
}
