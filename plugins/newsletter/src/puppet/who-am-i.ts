import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type { JsonObject, JsonValue } from "@vivified/sdk";

/** Who this process is to the system: user, capabilities, network, and the names of what its environment holds. */
export async function whoAmI(): Promise<JsonValue> {
  return {
    pid: process.pid,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    groups: process.getgroups?.() ?? [],
    ...(await statusFields()),
    interfaces: addresses(),
    routes: await routes(),
    environment: Object.keys(process.env).sort(),
    cwd: process.cwd(),
  };
}

/** From `/proc/self/status` (proc_pid_status(5)): capability sets as hexadecimal masks, and whether it may gain any. */
async function statusFields(): Promise<JsonObject> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? null;
  const caps = { inheritable: field("CapInh"), permitted: field("CapPrm"), effective: field("CapEff") };
  return { caps: { ...caps, bounding: field("CapBnd"), ambient: field("CapAmb") }, no_new_privs: field("NoNewPrivs") };
}

function addresses(): JsonObject {
  const found = Object.entries(networkInterfaces()).map(([name, list = []]) => [
    name,
    list.map(({ address }) => address),
  ]);
  return Object.fromEntries(found);
}

/** Destinations of the IPv4 routing table, as the kernel writes them. */
async function routes(): Promise<readonly string[]> {
  const table = await readFile("/proc/self/net/route", "utf8").catch(() => "");
  return table
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split("\t").slice(0, 2).join(" "));
}
