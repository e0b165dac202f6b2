import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../cache.mjs";
import { checkout, read } from "../pinned.mjs";
import { runLogged } from "../process/command.mjs";
import { withLock } from "../process/lock.mjs";
import { outsideTools } from "../tools.mjs";
import { doStep, sayWaiting } from "./progress.mjs";

const modules = join(checkout, "node_modules");
const stamp = join(modules, ".vivified-lock");

/** Whether node_modules holds what package-lock.json says. */
export function packagesAreInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockDigest();
}

/** `npm ci`, unless a plain `npm install` brought the same packages before. */
export async function setUpPackages() {
  if (matchesLock()) return writeFileSync(stamp, lockDigest());
  const what = "npm packages";
  const install = (log) => async () => {
    if (packagesAreInstalled()) return;
    await runLogged("npm", ["ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional"], {
      log,
      cwd: checkout,
      env: process.env,
    });
    if (!matchesLock())
      throw new Error("npm left packages out; are optional ones switched off (`npm config get omit`)?");
    writeFileSync(stamp, lockDigest());
  };
  const lock = join(cacheRoot(), `npm-${digest(checkout).slice(0, 12)}.lock`);
  await doStep(what, "npm ci, about a minute", (log) => withLock(lock, sayWaiting(what), install(log)));
}

/** npm leaves a lock file of what it really installed: everything of ours but optional packages of other platforms. */
function matchesLock() {
  const installedLock = join(modules, ".package-lock.json");
  if (!existsSync(installedLock) || !existsSync(outsideTools().node.ours)) return false;
  const installed = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  const wanted = JSON.parse(read("package-lock.json")).packages;
  const same = (path) => ["version", "integrity"].every((key) => wanted[path]?.[key] === installed[path]?.[key]);
  const required = Object.keys(wanted).filter((path) => path.startsWith("node_modules/") && !wanted[path].optional);
  return [...required, ...Object.keys(installed)].every(same);
}

function lockDigest() {
  return digest(read("package-lock.json"));
}

function digest(text) {
  return createHash("sha256").update(text).digest("hex");
}
