import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Path below the source folder, with `/`, and content. */
export type SourceFile = { readonly path: string; readonly bytes: Buffer };

/** What a build is made from: rules without their tests, data, and the capabilities they are compiled with. */
export async function readSources(source: string): Promise<readonly SourceFile[]> {
  const names = await readdir(source, { recursive: true });
  const paths = names.map((name) => name.replaceAll("\\", "/")).filter(isSource);
  return Promise.all(paths.sort().map(async (path) => ({ path, bytes: await readFile(join(source, path)) })));
}

function isSource(path: string): boolean {
  if (path === "capabilities.json") return true;
  if (path.startsWith("data/")) return path.endsWith("/data.json");
  return path.startsWith("vivified/") && path.endsWith(".rego") && !path.endsWith("_test.rego");
}

/** Hex SHA-256 over parts of any length; no two lists of parts give the same text to hash. */
export function digestOf(parts: readonly (string | Uint8Array)[]): string {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(`${Buffer.byteLength(part)}:`).update(part);
  return digest.digest("hex");
}

/** Hex SHA-256 of one file's content. */
export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
