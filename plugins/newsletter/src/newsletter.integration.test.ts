import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { type JsonObject, startPlugin } from "@vivified/sdk";
import { callOperation, deliverEvent, type LaneStandIn, openLaneStandIn, problem } from "@vivified/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newsletter } from "./plugin.ts";
import { rememberEvents } from "./received-events.ts";

let lane: LaneStandIn;

beforeAll(async () => {
  lane = await openLaneStandIn();
});

afterAll(async () => {
  await lane[Symbol.asyncDispose]();
});

describe("newsletter", () => {
  it("notes who wants to read what, in whatever form it is told", async () => {
    const environment = { laneUrl: lane.url, port: 0, settings: {}, trustDomain: "vivified.local", writeLog: () => {} };
    await using plugin = await startPlugin(newsletter(rememberEvents()), environment);
    const under = { id: "newsletter", port: plugin.port };
    const subscribe = (payload: JsonObject) =>
      callOperation(lane, under, { operation: "subscribe", path: "/operations/subscribe", payload });
    const body = { status: "subscribed", topic: "engines", email: "REDACTED" };
    expect(await subscribe({ email: "REDACTED", topic: "engines" })).toEqual({ status: 200, body });
    await subscribe({ email: "ada@demo.example", topic: "engines" });
    expect(await subscribe({ topic: "engines" })).toMatchObject({ status: 422 });
    const topics = { operation: "get_topics", path: "/operations/get_topics", payload: {} };
    expect(await callOperation(lane, under, topics)).toEqual({ status: 200, body: { topics: ["engines"] } });
  });
});

describe("the puppet", () => {
  it("does on its lanes what it is told, each order in a trace of its own", async () => {
    await using puppet = await startPuppetProcess();
    const published = await puppet.obey({ do: "publish", type: "PatientDataUpdated", payload: { patient_id: "p-1" } });
    expect(published).toMatchObject({
      ok: { event_id: expect.any(String) },
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(lane.published("PatientDataUpdated")).toEqual([{ patient_id: "p-1" }]);
    const sent = lane.requests("POST /events/publish").at(-1);
    expect(sent?.headers.traceparent).toContain(published.trace_id);
    const proxied = await puppet.obey({ do: "proxy", url: "https://outside.example/" });
    expect(proxied).toMatchObject({ ok: { status: 200 } });
  });

  it("tells a no of the platform with everything that it says", async () => {
    await using puppet = await startPuppetProcess();
    const reasons = [{ rule: "rpc.not_granted", message: "not granted", fix: "grant it" }];
    const denial = problem({ status: 403, code: "denied", retryable: false, decision_id: "d-1", reasons });
    lane.answer("POST /gateway/billing/refund", () => denial);
    const reply = await puppet.obey({ do: "call", plugin: "billing", operation: "refund" });
    const error = { name: "DeniedError", code: "denied", status: 403, origin: "platform", decision_id: "d-1", reasons };
    expect(reply).toMatchObject({ error });
  });

  it("sends any bytes on its lane", async () => {
    await using puppet = await startPuppetProcess();
    lane.answer("POST /anything?x=1", ({ headers, body }) => ({
      status: 418,
      body: { type: headers["x-odd"] ?? "", body: body ?? null },
    }));
    const order = { do: "raw", method: "POST", path: "/anything?x=1", headers: { "x-odd": "y" }, body: '{"a":1,"a":' };
    expect(await puppet.obey(order)).toMatchObject({ ok: { status: 418, body: '{"type":"y","body":null}' } });
  });

  it("tries to get out on its own and says how that ended", async () => {
    await using puppet = await startPuppetProcess();
    await using server = await openServer();
    expect(await puppet.obey({ do: "dial", host: "127.0.0.1", port: server.port })).toMatchObject({
      ok: { connected: true },
    });
    const url = `http://127.0.0.1:${server.port}/`;
    expect(await puppet.obey({ do: "fetch", url })).toMatchObject({ ok: { status: 200, body: "hello" } });
    expect(await puppet.obey({ do: "dial", host: "127.0.0.1", port: 1 })).toMatchObject({
      error: { code: "ECONNREFUSED" },
    });
    expect(await puppet.obey({ do: "fetch", url: "https://127.0.0.1:1/" })).toMatchObject({
      error: { code: "ECONNREFUSED" },
    });
  });

  it("says who it is and what it can read", async () => {
    await using puppet = await startPuppetProcess();
    const who = await puppet.obey({ do: "whoami" });
    expect(who).toMatchObject({
      ok: { uid: process.getuid?.(), caps: { effective: expect.stringMatching(/^[0-9a-f]{16}$/) } },
    });
    expect(who).toMatchObject({ ok: { environment: ["VIVIFIED_LANE_URL", "VIVIFIED_PLUGIN_PORT"] } });
    expect(await puppet.obey({ do: "read-file", path: "/nowhere" })).toMatchObject({ error: { code: "ENOENT" } });
    expect(await puppet.obey({ do: "list-dir", path: import.meta.dirname })).toMatchObject({
      ok: expect.arrayContaining(["main.ts"]),
    });
  });

  it("shows the events that reached it", async () => {
    await using puppet = await startPuppetProcess();
    const event = { type: "UserCreated", id: "e-1", data: { user_id: "u-1" }, path: "/events" };
    await deliverEvent(lane, { id: "newsletter", port: puppet.port }, event);
    expect(await puppet.obey({ do: "received" })).toMatchObject({ ok: [{ id: "e-1", data: { user_id: "u-1" } }] });
  });

  it("answers what is not an order, and goes on", async () => {
    await using puppet = await startPuppetProcess();
    puppet.write("junk\n[]\n");
    expect(await puppet.obey({ do: "explode" })).toMatchObject({ error: { code: "malformed" } });
    expect(await puppet.obey({ do: "call", plugin: 7 })).toMatchObject({ error: { code: "malformed" } });
  });

  it("stays a plugin when nobody gives orders, and stops with code 0", async () => {
    await using puppet = await startPuppetProcess();
    puppet.process.stdin?.end();
    expect((await fetch(`http://127.0.0.1:${puppet.port}/health`)).status).toBe(200);
    puppet.process.kill("SIGTERM");
    expect(await once(puppet.process, "exit")).toEqual([0, null]);
  });
});

type Puppet = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly port: number;
  readonly write: (text: string) => void;
  readonly obey: (order: JsonObject) => Promise<JsonObject>;
};

async function startPuppetProcess(): Promise<Puppet> {
  const env = { VIVIFIED_LANE_URL: lane.url, VIVIFIED_PLUGIN_PORT: "0" };
  const main = `${import.meta.dirname}/main.ts`;
  const child = spawn(process.execPath, [main], { env, stdio: ["pipe", "pipe", "pipe"] });
  const answers = new Map<unknown, (reply: JsonObject) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply: JsonObject = JSON.parse(line);
    answers.get(reply.id)?.(reply);
  });
  const write = (text: string) => void child.stdin.write(text);
  const obey = (order: JsonObject) => {
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    const id = answers.size + 1;
    answers.set(id, resolve);
    write(`${JSON.stringify({ id, ...order })}\n`);
    return promise;
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { process: child, port: await listeningPort(child), write, obey, [Symbol.asyncDispose]: stop };
}

async function listeningPort(child: ChildProcess): Promise<number> {
  if (child.stderr === null) throw new Error("no log");
  const log = createInterface({ input: child.stderr });
  for await (const line of log) {
    const { msg, port } = JSON.parse(line);
    if (msg === "listening") {
      child.stderr.resume();
      return port;
    }
  }
  throw new Error("the plugin ended before it listened");
}

async function openServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_request, response) => response.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: typeof address === "object" && address ? address.port : 0, [Symbol.asyncDispose]: close };
}
