import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { VivifiedError } from "@vivified/runtime";
import type { BackupFile } from "./backup-manifest.ts";

/** Every file below a directory, with its digest. */
export async function filesIn(directory: string): Promise<readonly BackupFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: BackupFile[] = [];
  for (const path of paths.toSorted()) files.push(await fileOf(directory, path));
  return files;
}

async function fileOf(directory: string, path: string): Promise<BackupFile> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { path: relative(directory, path), bytes: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** Before anything is restored: every file is what was written. @throws VivifiedError `malformed` naming the first that is not */
export async function requireWhole(directory: string, files: readonly BackupFile[]): Promise<void> {
  const there = new Map((await filesIn(directory)).map((file) => [file.path, file.sha256]));
  const bad = files.find(({ path, sha256 }) => there.get(path) !== sha256);
  if (bad === undefined) return;
  const what = there.has(bad.path) ? "was altered" : "is missing";
  throw new VivifiedError("malformed", { detail: `${bad.path} of the backup ${what}` });
}
