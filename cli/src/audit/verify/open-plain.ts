import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { MalformedExport } from "./malformed-export.ts";

/**
 * Opens a file of an export, or undefined when there is none. Links are not followed: an export holds what it holds.
 *
 * @throws MalformedExport for a link
 */
export async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ELOOP") throw new MalformedExport("is a link", path);
    throw error;
  }
}
