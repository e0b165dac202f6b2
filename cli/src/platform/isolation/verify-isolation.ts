import { readFile, readlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const patienceMs = 5_000;

/**
 * Waits until a process that was just started has dropped what it must not have; until then it runs our own tools only.
 *
 * @throws Error with what is still not so after five seconds
 */
export async function untilConfined(pid: number, user: number): Promise<void> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(5)) {
    try {
      return await verifyIsolation(pid, user);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

/**
 * Reads back from the kernel that a process is where and who it was meant to be: other namespaces than ours, its own uid,
 * no capability in any set, and no way to gain one.
 *
 * @throws Error that names everything that is not so: the process must not be left running then
 */
export async function verifyIsolation(pid: number, user: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const faults = [...wrongStatus(status, user), ...(await sharedNamespaces(pid))];
  if (faults.length > 0) throw new Error(`process ${pid} is not isolated: ${faults.join("; ")}`);
}

function wrongStatus(status: string, user: number): string[] {
  const ids = `${user}\t${user}\t${user}\t${user}`;
  const none = "0000000000000000";
  const expected = {
    Uid: ids,
    Gid: ids,
    CapInh: none,
    CapPrm: none,
    CapEff: none,
    CapBnd: none,
    CapAmb: none,
    NoNewPrivs: "1",
  };
  const actual = new Map(status.split("\n").map((line) => line.split(":\t") as [string, string]));
  return Object.entries(expected).flatMap(([key, value]) =>
    actual.get(key)?.trim() === value ? [] : [`${key} is ${actual.get(key)}`],
  );
}

async function sharedNamespaces(pid: number): Promise<string[]> {
  const kinds = ["net", "mnt", "pid", "ipc", "uts"];
  const shared = await Promise.all(
    kinds.map(
      async (kind) => (await readlink(`/proc/${pid}/ns/${kind}`)) === (await readlink(`/proc/self/ns/${kind}`)),
    ),
  );
  return kinds.filter((_, index) => shared[index]).map((kind) => `it shares our ${kind} namespace`);
}
