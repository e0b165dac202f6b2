import { rmSync } from "node:fs";
import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const refreshMs = 2_000;
const abandonedAfterMs = 20_000;

/**
 * Does the work while holding a lock, which is a folder that its holder touches every two seconds: one that nobody
 * touched for twenty belonged to a process that is gone, on whichever side of a container's wall it ran.
 */
export async function withLock(path, onWait, work) {
  await mkdir(dirname(path), { recursive: true });
  await acquire(path, onWait);
  const beat = setInterval(() => touch(path), refreshMs);
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}

async function acquire(path, onWait) {
  for (let told = false; !(await taken(path)); told = true) {
    if (!told) onWait?.();
    if (await abandoned(path)) await rm(path, { recursive: true, force: true });
    else await sleep(500);
  }
}

async function taken(path) {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

async function abandoned(path) {
  try {
    return Date.now() - (await stat(path)).mtimeMs > abandonedAfterMs;
  } catch {
    return false; // released meanwhile: the next attempt finds out
  }
}

function touch(path) {
  const now = new Date();
  utimes(path, now, now).catch(() => undefined); // a missed beat is made up by the next one
}
