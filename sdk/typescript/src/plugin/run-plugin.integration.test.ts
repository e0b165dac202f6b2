import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { callOperation } from "../testing/as-gateway.ts";
import { type LaneStandIn, openLaneStandIn } from "../testing/lane-stand-in.ts";

let lane: LaneStandIn;
let directory: string;

beforeAll(async () => {
  lane = await openLaneStandIn();
  directory = await mkdtemp(join(tmpdir(), "vivified-sdk-"));
});

afterAll(async () => {
  await lane[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

describe("a plugin's process", () => {
  it("answers what is on its way when it is asked to stop, and ends with 0", async () => {
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<undefined>();
    lane.answer("GET /storage/kv/gate", () => {
      entered.resolve();
      return gate.promise;
    });
    const plugin = await startProcess();
    const reply = call(plugin, { gate: true });
    await entered.promise;
    plugin.child.kill("SIGTERM");
    await untilRefused(plugin);
    gate.resolve(undefined);
    expect(await reply).toEqual({ status: 200, body: { done: true } });
    const answeredAt = performance.now();
    expect(await plugin.ended).toBe(0);
    expect(performance.now() - answeredAt).toBeLessThan(6_000);
  });

  it("ends with 70 after an uncaught error, and tells neither log nor caller why", async () => {
    const plugin = await startProcess();
    await call(plugin, { crash: true });
    expect(await plugin.ended).toBe(70);
    expect(plugin.log()).toContain("uncaught error");
    expect(plugin.log()).not.toContain("hunter2");
  });

  it("names everything that its environment lacks, and ends with 1", async () => {
    const plugin = spawnPlugin({ VIVIFIED_LANE_URL: "nowhere" });
    expect(await plugin.ended).toBe(1);
    expect(plugin.log()).toContain("VIVIFIED_LANE_URL: must be");
    expect(plugin.log()).toContain("VIVIFIED_PLUGIN_PORT: must be");
  });

  it.each([
    ["a file that is not there", undefined, "cannot be read"],
    ["a file that is not JSON", "{", "is not a JSON object"],
    ["a setting that it does not know", '{"color":"blue"}', "/color: is not a setting"],
    ["a setting of another type", '{"colour":7}', "/colour: must be a string"],
  ])("does not start with %s for settings", async (_what, content, fault) => {
    const file = join(directory, `${Math.random()}.json`);
    if (content !== undefined) await writeFile(file, content);
    const plugin = spawnPlugin({
      VIVIFIED_LANE_URL: lane.url,
      VIVIFIED_PLUGIN_PORT: "0",
      VIVIFIED_PLUGIN_CONFIG: file,
    });
    expect(await plugin.ended).toBe(1);
    expect(plugin.log()).toContain(fault);
  });
});

type Started = { readonly child: ChildProcess; readonly ended: Promise<unknown>; readonly log: () => string };
type Running = Started & { readonly port: number };

function spawnPlugin(env: Record<string, string>): Started {
  const child = spawn(process.execPath, [join(import.meta.dirname, "testdata/echo-main.ts")], {
    env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => void lines.push(line));
  return { child, ended: once(child, "close").then(([code]) => code), log: () => lines.join("\n") };
}

async function startProcess(): Promise<Running> {
  const plugin = spawnPlugin({ VIVIFIED_LANE_URL: lane.url, VIVIFIED_PLUGIN_PORT: "0" });
  const deadline = performance.now() + 30_000;
  for (;;) {
    const port = /"msg":"listening","port":(\d+)/.exec(plugin.log())?.[1];
    if (port) return { ...plugin, port: Number(port) };
    if (performance.now() > deadline) throw new Error(`the plugin did not listen: ${plugin.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function call({ port }: Running, payload: Record<string, boolean>) {
  return callOperation(lane, { id: "echo", port }, { operation: "echo", path: "/operations/echo", payload });
}

/** Waits until the plugin takes no more connections. */
async function untilRefused({ port }: Running): Promise<void> {
  const health = () => fetch(`http://127.0.0.1:${port}/health`, { headers: { connection: "close" } });
  await vi.waitFor(() => expect(health()).rejects.toThrow(), { timeout: 20_000 });
}
