import { constants } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { VivifiedError } from "@vivified/runtime";

const mostPasses = 100;

/**
 * Copies the log's files while core goes on with them. Files never change, but a partial tile goes once the full one is
 * there: when one went while it was to be copied, the full one may be new, so all is looked through again.
 *
 * @throws VivifiedError `conflict` when files keep going away
 */
export async function copyLog(from: string, to: string): Promise<void> {
  for (let pass = 0; pass < mostPasses; pass += 1) {
    if (await copiedAll(from, to)) return;
  }
  throw new VivifiedError("conflict", { detail: "the log's files keep going away while they are copied" });
}

async function copiedAll(from: string, to: string): Promise<boolean> {
  const paths = await pathsIn(from, "");
  let all = true;
  for (const path of paths) all = (await copyOne(join(from, path), join(to, path))) && all;
  return all;
}

/** Checkpoint and drafts stay out: the one changes, the others are not finished. A folder that went counts as a file that did. */
async function pathsIn(root: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(ifGone);
  if (entries === undefined) return [below];
  const inside = entries.map(async (entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return pathsIn(root, path);
    return path === "checkpoint" || path.endsWith(".draft") ? [] : [path];
  });
  return (await Promise.all(inside)).flat();
}

async function copyOne(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  const copied = copyFile(from, to, constants.COPYFILE_EXCL).then(() => true);
  return copied.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") return true;
    if (error.code === "ENOENT") return false;
    throw error;
  });
}

function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
