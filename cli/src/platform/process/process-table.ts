import { readFile } from "node:fs/promises";

/** When a process started, in clock ticks since boot: with its id it names one process for good. Undefined: it is gone. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const fields = await statOf(pid);
  return fields === undefined || fields[0] === "Z" ? undefined : fields[19];
}

/** The processes that a process started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

/** Changes with every boot of the machine. */
export async function bootId(): Promise<string> {
  const text = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return text.trim();
}

/** Everything after the command name, which may itself hold spaces and brackets (proc(5)). */
async function statOf(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}
