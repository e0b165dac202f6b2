import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTimeOf } from "../process/process-table.ts";
import { Guard } from "./guard.ts";

describe("the guard", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-guard-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function startDoomed() {
    const script = join(import.meta.dirname, "doomed.fixtures.ts");
    const doomed = spawn(process.execPath, [script, home], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(doomed.stdout, "data");
    return { doomed, pids: JSON.parse(String(line)) as number[] };
  }

  /** Every process that has this home in its command line, or a pid that was reported. */
  async function leftOver(pids: readonly number[]): Promise<string[]> {
    const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const lines = await Promise.all(
      all.map(async (pid) => `${pid} ${await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")}`),
    );
    const alive = await Promise.all(pids.map(async (pid) => ((await startTimeOf(pid)) ? [`${pid}`] : [])));
    return [...lines.filter((line) => line.includes(home)), ...alive.flat()];
  }

  it("ends everything that was started, and its namespaces, when the platform is killed", async () => {
    const { doomed, pids } = await startDoomed();
    const namespaces = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`)));
    const ours = await readlink("/proc/self/ns/net");
    doomed.kill("SIGKILL");
    await expect.poll(() => leftOver(pids), { timeout: 10_000 }).toEqual([]);
    expect(await namespacesInUse()).not.toEqual(expect.arrayContaining(namespaces.filter((name) => name !== ours)));
  });

  it("is waited for by the next platform of the home", async () => {
    const { doomed, pids } = await startDoomed();
    doomed.kill("SIGKILL");
    await using _next = await Guard.open(join(home, "guard.json"));
    await expect
      .poll(() => leftOver(pids).then((left) => left.filter((line) => pids.includes(Number(line)))))
      .toEqual([]);
  });

  it("ends by itself, and ends nothing, when all was stopped properly", async () => {
    const guard = await Guard.open(join(home, "guard.json"));
    const bystander = spawn("sleep", ["100"], { detached: true });
    await guard.watch({ pid: bystander.pid ?? 0 });
    guard.forget(bystander.pid ?? 0);
    await guard[Symbol.asyncDispose]();
    expect(bystander.exitCode).toBeNull();
    bystander.kill("SIGKILL");
    expect((await once(bystander, "exit"))[1]).toBe("SIGKILL");
  });
});

async function namespacesInUse(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => "")));
}
