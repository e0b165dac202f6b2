import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../cache.mjs";
import { checkout, read } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { withLock } from "../process/lock.mjs";
import { outsideTools } from "../tools.mjs";
import { doStep, sayWaiting } from "./progress.mjs";

/**
 * Whether node_modules holds what package-lock.json says, by the lock file that npm leaves of what it really installed
 * as the last thing it does. Only optional packages of other platforms may be left out.
 */
export function packagesAreInstalled() {
  const installedLock = join(checkout, "node_modules/.package-lock.json");
  if (!existsSync(installedLock) || !existsSync(outsideTools().node.ours)) return false;
  const installed = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  const wanted = JSON.parse(read("package-lock.json")).packages;
  const same = (path) => ["version", "integrity"].every((key) => wanted[path]?.[key] === installed[path]?.[key]);
  const required = Object.keys(wanted).filter((path) => path.startsWith("node_modules/") && !wanted[path].optional);
  return [...required, ...Object.keys(installed)].every(same);
}

/** `npm ci`, with development and optional packages whatever the user's settings: Node 24 is one of the optional ones. */
export async function setUpPackages() {
  const what = "npm packages";
  const install = (log) => async () => {
    if (packagesAreInstalled()) return;
    const options = ["--no-audit", "--no-fund", "--include=dev", "--include=optional"];
    await runLogged("npm", ["ci", ...options], { log, cwd: checkout, env: process.env });
    if (!packagesAreInstalled()) throw new Error("npm ci left out packages that package-lock.json names");
  };
  const checkoutDigest = createHash("sha256").update(checkout).digest("hex").slice(0, 12);
  const lock = join(cacheRoot(), `npm-${checkoutDigest}.lock`);
  await doStep(what, "npm ci, about a minute", (log) => withLock(lock, sayWaiting(what), install(log)));
}
