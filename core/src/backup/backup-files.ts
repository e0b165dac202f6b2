import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { VivifiedError } from "@vivified/runtime";
import type { BackupFile } from "./backup-manifest.ts";

/** For a new file of a backup: on the disk before it is closed, and for nobody else to read. */
export const backupFile = (path: string): WriteStream => createWriteStream(path, { mode: 0o600, flush: true });

/** Every file below these folders of a backup, with its digest. */
export async function filesIn(directory: string, folders: readonly string[]): Promise<readonly BackupFile[]> {
  const files: BackupFile[] = [];
  for (const folder of folders) {
    const entries = await readdir(join(directory, folder), { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths.toSorted()) files.push(await fileOf(directory, relative(directory, path)));
  }
  return files;
}

/** A file of a backup, by its path in it. */
export async function fileOf(directory: string, path: string): Promise<BackupFile> {
  const there = join(directory, path);
  return { path, bytes: (await stat(there)).size, sha256: await digestOf(there) };
}

/** Hex SHA-256 of what lies there. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** Before anything is restored: a file is what was written. @throws VivifiedError `malformed` naming it, when it is not */
export async function requireWhole(
  directory: string,
  { path, sha256 }: Pick<BackupFile, "path" | "sha256">,
): Promise<void> {
  const found = await digestOf(join(directory, path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (found === sha256) return;
  const what = found === undefined ? "is missing" : "was altered";
  throw new VivifiedError("malformed", { detail: `${path} of the backup ${what}` });
}
