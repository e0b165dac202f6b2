import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const listening = "0A"; // TCP_LISTEN of the kernel's tcp_states.h

/** Resolves when something listens on a port in the network of a process. Looks it up; nothing is connected to. */
export async function untilListeningIn(pid: number, port: number): Promise<void> {
  while (!(await listensIn(pid, port))) await sleep(25);
}

/** `/proc/<pid>/net/tcp`: local address as hexadecimal `address:port`, and the state, in the second and fourth column. */
async function listensIn(pid: number, port: number): Promise<boolean> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8").catch(() => "")),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = tables
    .join("\n")
    .split("\n")
    .map((row) => row.trim().split(/\s+/));
  return rows.some(([, local = "", , state]) => local.endsWith(suffix) && state === listening);
}
