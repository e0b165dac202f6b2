import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Guard } from "../guard/guard.ts";
import { startTimeOf } from "./process-table.ts";
import { type ProcessEvent, readyByMessage, Supervised } from "./supervised.ts";

const serving =
  'process.send({ ready: true }); process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)';

describe("a supervised process", () => {
  let home: string;
  let stack: AsyncDisposableStack;
  let guard: Guard;
  const events: ProcessEvent[] = [];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-supervised-"));
    stack = new AsyncDisposableStack();
    stack.defer(() => rm(home, { recursive: true, force: true }));
    guard = stack.use(await Guard.open(join(home, "guard.json")));
    events.length = 0;
  });
  afterEach(() => stack.disposeAsync());

  async function start(script: string, options: { prepare?: () => Promise<void>; readyTimeoutMs?: number } = {}) {
    const logFile = join(home, "log");
    const command = {
      name: "worker",
      file: process.execPath,
      args: ["-e", script],
      env: {},
      logFile,
      channel: "ipc",
    } as const;
    const onEvent = (event: ProcessEvent) => void events.push(event);
    return stack.use(await Supervised.start({ guard, command, ready: readyByMessage, onEvent, ...options }));
  }

  it("is started again after a crash, and told so, with what it needs prepared anew", async () => {
    const prepared: string[] = [];
    const worker = await start(serving, { prepare: async () => void prepared.push("token") });
    const first = worker.child.pid;
    worker.child.kill("SIGKILL");
    await expect.poll(() => events.map(({ type }) => type)).toEqual(["started", "ready", "exited", "started", "ready"]);
    expect(events[2]).toMatchObject({ pid: first, exit: { signal: "SIGKILL" }, restartMs: 250 });
    expect(worker.child.pid).not.toBe(first);
    expect(prepared).toHaveLength(2);
  });

  it("stops when it is disposed, and is not started again", async () => {
    const worker = await start(serving);
    const { pid } = worker.child;
    await worker[Symbol.asyncDispose]();
    expect(await startTimeOf(pid)).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(["started", "ready"]);
  });

  it("that does not start fails with the end of its log", async () => {
    const broken = 'console.error("no such database"); process.exit(3)';
    await expect(start(broken)).rejects.toThrow(/worker did not start: it ended with code 3\n.*no such database/s);
  });

  it("that never says it is ready fails in time and leaves nothing running", async () => {
    const hanging = start("setInterval(() => {}, 1000)", { readyTimeoutMs: 300 });
    await expect(hanging).rejects.toThrow(/was not ready after 0.3 s/);
    expect(await startTimeOf(events[0]?.pid ?? 0)).toBeUndefined();
  });

  it("that says it is busy is waited for, for as long as it says so", async () => {
    const busy = "const busy = setInterval(() => process.send({ busy: true }), 500)";
    await start(`${busy}; setTimeout(() => process.send({ ready: true }), 9_000)`, { readyTimeoutMs: 6_000 });
    expect(events.map(({ type }) => type)).toEqual(["started", "ready"]);
  });

  it("takes the rest of its group along", async () => {
    const family =
      'const { pid } = require("child_process").spawn("sleep", ["600"]); console.log(pid); process.send({ ready: true })';
    const worker = await start(`${family}; setInterval(() => {}, 1000)`);
    const grandchild = Number((await readFile(join(home, "log"), "utf8")).trim());
    expect(await startTimeOf(grandchild)).toBeDefined();
    await worker[Symbol.asyncDispose]();
    await expect.poll(() => startTimeOf(grandchild)).toBeUndefined();
  });
});
