import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { withLock } from "./process/lock.mjs";

/** Where built and downloaded tools live: one folder per user, shared by every checkout. */
export function cacheRoot(environment = process.env) {
  if (environment.VIVIFIED_CACHE) return resolve(environment.VIVIFIED_CACHE);
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "vivified");
}

/**
 * The folder of one tool. Its name carries a digest of everything that defines the tool, so another pin is another
 * folder, checkouts at different revisions do not fight, and a folder that exists is complete.
 */
export function cacheEntry(name, version, definition) {
  const digest = createHash("sha256");
  for (const part of [process.platform, process.arch, ...definition]) digest.update(`${part.length}:${part}`);
  return join(cacheRoot(), `${name}-${version}-${digest.digest("hex").slice(0, 12)}`);
}

/**
 * Fills an entry: `build` works in a folder of its own, which becomes the entry by one rename, so nobody ever sees half
 * a tool. A second set-up waits for the first instead of doing the work again.
 */
export async function fillEntry(entry, build, { onWait } = {}) {
  if (existsSync(entry)) return;
  await mkdir(cacheRoot(), { recursive: true });
  await withLock(`${entry}.lock`, onWait, async () => {
    if (existsSync(entry)) return;
    const staging = await mkdtemp(`${entry}.building-`);
    const forget = () => rmSync(staging, { recursive: true, force: true });
    process.once("exit", forget);
    try {
      await build(staging);
      await chmod(staging, 0o755); // other users of this machine may run the tools
      await rename(staging, entry);
    } finally {
      process.off("exit", forget);
      await rm(staging, { recursive: true, force: true });
    }
  });
}
