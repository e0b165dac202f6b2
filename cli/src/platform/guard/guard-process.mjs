// Outlives the platform's process by moments: it is told what was started, and when the pipe from its parent ends it ends
// what is still listed. Plain JavaScript in a session of its own, so that what stops the parent does not stop it.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const patienceMs = 4_000;
const watched = new Map();

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => undefined);
for await (const line of createInterface({ input: process.stdin })) follow(JSON.parse(line));
await endAll([...watched.values()].reverse());

/** `group` is the process group and its leader; `gentle` is who stops by itself when it gets `signal`. */
function follow({ watch, forget }) {
  if (watch) watched.set(watch.group.pid, watch);
  if (forget) watched.delete(forget);
}

async function endAll(entries) {
  const gentle = entries.filter((entry) => entry.gentle && lives(entry.gentle));
  for (const entry of gentle) send(entry.gentle.pid, entry.signal);
  const deadline = Date.now() + patienceMs;
  while (gentle.some((entry) => lives(entry.gentle)) && Date.now() < deadline) await sleep(50);
  for (const { group } of entries) if (lives(group) || isGone(group)) send(-group.pid, "SIGKILL");
}

function lives({ pid, started }) {
  return startTimeOf(pid) === started;
}

/** A group may outlive its leader; as long as it has members, its id is given to nobody else. */
function isGone({ pid }) {
  return startTimeOf(pid) === undefined;
}

function send(target, name) {
  try {
    process.kill(target, name);
  } catch {
    // nobody is left to get it
  }
}

function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
