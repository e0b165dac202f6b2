import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { NotFoundError } from "../client/lane-error.ts";
import type { JsonObject } from "../json.ts";
import { callOperation, deliverEvent, type OperationCall } from "../testing/as-gateway.ts";
import { currentTrace } from "../trace.ts";
import { type EchoPlugin, startEcho } from "./plugin.fixtures.ts";
import { Refusal } from "./refusal.ts";

const trace = {
  id: "0af7651916cd43dd8448eb211c80319c",
  header: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

describe("operations", () => {
  it("get the payload, who calls and under which decision", async () => {
    await using echo = await startEcho();
    const reply = await call(echo, { payload: { a: [1, { b: null }] }, caller: "spiffe://vivified.local/plugin/crm" });
    expect(reply).toEqual({ status: 200, body: { a: [1, { b: null }], caller: "crm", decision: expect.any(String) } });
  });

  it("get path parameters decoded, and the query of a request without a body", async () => {
    await using echo = await startEcho();
    const path = "/api/things/a%2Fb%20c?full=yes";
    const reply = await call(echo, { operation: "read", method: "GET", path });
    expect(reply).toEqual({ status: 200, body: { id: "a/b c", full: "yes" } });
  });

  it("get the path's parameters, whatever the payload calls by their names", async () => {
    await using echo = await startEcho();
    const path = "/api/things/1?id=2";
    const reply = await call(echo, { operation: "read", method: "GET", path });
    expect(reply).toEqual({ status: 200, body: { id: "1" } });
  });

  it("answer a refusal in its own words and any other error without a word why", async () => {
    const secret = () => Promise.reject(new Error("the password is hunter2"));
    const elsewhere = () => Promise.reject(notFoundElsewhere());
    const refuse = () => Promise.reject(new Refusal("not_found", "there is no such user"));
    await using failing = await startEcho({ operations: { echo: secret, read: elsewhere } });
    await using refusing = await startEcho({ operations: { echo: refuse, read: refuse } });
    expect(await call(failing)).toEqual({ status: 500, body: { error: "internal" } });
    expect(await call(failing, { operation: "read", method: "GET", path: "/api/things/1" })).toMatchObject({
      status: 500,
    });
    expect(failing.logged()).not.toContain("hunter2");
    const body = { error: "not_found", message: "there is no such user" };
    expect(await call(refusing)).toEqual({ status: 404, body });
  });

  it("answer 500 when they answer with something that is not JSON", async () => {
    const circle: { self?: JsonObject } = {};
    circle.self = circle as JsonObject;
    const odd = async () => circle as JsonObject;
    await using echo = await startEcho({ operations: { echo: odd, read: odd } });
    expect(await call(echo)).toEqual({ status: 500, body: { error: "internal" } });
  });

  it.each<[string, Partial<Record<string, string>>, string, number]>([
    ["malformed JSON", {}, "{", 400],
    ["an array", {}, "[]", 400],
    ["bytes that are not UTF-8", {}, "\xff", 400],
    ["another content type", { "content-type": "text/plain" }, "{}", 415],
    ["more than it may be", {}, JSON.stringify({ a: "x".repeat(2000) }), 413],
  ])("refuse %s", async (_what, headers, text, status) => {
    await using echo = await startEcho({}, { maxBodyBytes: 1000 });
    const token = await echo.lane.keys.token({ pluginId: "echo", action: "rpc:echo" });
    const sent = { "content-type": "application/json", "x-vivified-token": token, ...headers };
    const body = text === "\xff" ? new Uint8Array([0xff]) : text;
    const reply = await fetch(`${echo.url}/operations/echo`, {
      method: "POST",
      headers: sent as Record<string, string>,
      body,
    });
    expect(reply.status).toBe(status);
  });

  it("stop reading a body of unknown length that grows too large", async () => {
    await using echo = await startEcho({}, { maxBodyBytes: 1000 });
    const token = await echo.lane.keys.token({ pluginId: "echo", action: "rpc:echo" });
    const head = `POST /operations/echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-vivified-token: ${token}\r\n`;
    const chunk = `400\r\n${"a".repeat(0x400)}\r\n`;
    expect(await sendRaw(echo.plugin.port, `${head}transfer-encoding: chunked\r\n\r\n${chunk}`)).toContain(
      "HTTP/1.1 413",
    );
  });
});

describe("without a good call token", () => {
  it.each(["/operations/echo", "/events", "/nothing", "/health?x", "/metrics/"])(
    "%s answers 401 and nothing else",
    async (path) => {
      await using echo = await startEcho();
      const reply = await fetch(`${echo.url}${path}`, { method: "POST", body: "{" });
      expect(reply.status).toBe(401);
      expect(await reply.json()).toEqual({ error: "unauthenticated" });
    },
  );

  it("refuses a token that was made for another operation or for an event", async () => {
    await using echo = await startEcho();
    const other = { operation: "read", path: "/operations/echo", payload: {} };
    expect(await callOperation(echo.lane, echo.under, other)).toMatchObject({ status: 401 });
    const delivery = { type: "UserCreated", data: {}, path: "/operations/echo" };
    expect(await deliverEvent(echo.lane, echo.under, delivery)).toMatchObject({ status: 401 });
    const headers = { "ce-type": "PaymentProcessed" };
    const disguised = { type: "UserCreated", data: {}, path: "/events", headers };
    expect(await deliverEvent(echo.lane, echo.under, disguised)).toMatchObject({ status: 401 });
  });

  it("answers 503 while the platform's keys cannot be had", async () => {
    await using echo = await startEcho();
    echo.lane.answer("GET /.well-known/jwks.json", () => ({ status: 503 }));
    expect(await call(echo)).toEqual({ status: 503, body: { error: "unavailable" } });
  });

  it("knows no operation that was not declared, not even with a token for it", async () => {
    await using echo = await startEcho();
    expect(await call(echo, { operation: "constructor", path: "/operations/constructor" })).toMatchObject({
      status: 404,
    });
  });
});

describe("events", () => {
  it("come typed, with traits and trace", async () => {
    const seen: unknown[] = [];
    await using echo = await startEcho({ events: { UserCreated: async (event) => void seen.push(event) } });
    const headers = {
      "ce-traceid": trace.id,
      "ce-datacategory": "pii,confidential",
      "ce-time": "2026-11-21T00:00:00Z",
    };
    const data = { user_id: "u-1" };
    expect(
      await deliverEvent(echo.lane, echo.under, { type: "UserCreated", id: "e-1", data, path: "/events", headers }),
    ).toEqual({
      status: 204,
      body: undefined,
    });
    expect(seen).toEqual([
      {
        id: "e-1",
        type: "UserCreated",
        source: "spiffe://vivified.local/core",
        time: "2026-11-21T00:00:00Z",
        traceId: trace.id,
        traits: ["pii", "confidential"],
        data,
      },
    ]);
  });

  it("are handled once, and again after a failure", async () => {
    let attempts = 0;
    const failFirst = async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("not yet");
    };
    await using echo = await startEcho({ events: { UserCreated: failFirst } });
    const delivery = { type: "UserCreated", id: "e-1", data: {}, path: "/events" };
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await deliverEvent(echo.lane, echo.under, delivery)).status);
    expect(statuses).toEqual([500, 204, 204, 204]);
    expect(attempts).toBe(2);
  });

  it("are two when two publishers gave them one id", async () => {
    await using echo = await startEcho();
    const delivery = { type: "UserCreated", data: {}, path: "/events", id: "1" };
    for (const source of ["spiffe://vivified.local/core", "spiffe://vivified.local/plugin/crm"]) {
      await deliverEvent(echo.lane, echo.under, { ...delivery, headers: { "ce-source": source } });
    }
    expect(await (await fetch(`${echo.url}/metrics`)).text()).toContain("events_seen 2");
  });

  it("are refused when they are not CloudEvents", async () => {
    await using echo = await startEcho();
    const headers = { "ce-specversion": "0.3" };
    const delivery = { type: "UserCreated", data: {}, path: "/events", headers };
    expect(await deliverEvent(echo.lane, echo.under, delivery)).toMatchObject({ status: 400 });
  });
});

describe("the trace of what is handled", () => {
  it("goes on in every call that the handler makes", async () => {
    await using echo = await startEcho({
      operations: {
        read: async (payload) => payload,
        echo: async (_payload, { client, traceId }) => {
          await Promise.all([client.publishEvent({ type: "Echoed", payload: {} }), client.storage.put("k", 1)]);
          return { traceId };
        },
      },
    });
    const reply = await call(echo, { headers: { traceparent: trace.header } });
    expect(reply.body).toEqual({ traceId: trace.id });
    const [published] = echo.lane.requests("POST /events/publish");
    const [stored] = echo.lane.requests("PUT /storage/kv/k");
    expect(published?.headers.traceparent).toMatch(new RegExp(`^00-${trace.id}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
    expect(stored?.headers.traceparent?.slice(0, 35)).toBe(published?.headers.traceparent?.slice(0, 35));
  });

  it("is not shared by two requests at a time", async () => {
    const both = Promise.withResolvers<void>();
    let inside = 0;
    const echoTrace = async () => {
      inside += 1;
      if (inside === 2) both.resolve();
      await both.promise;
      return { trace: currentTrace()?.traceId ?? "" };
    };
    await using echo = await startEcho({ operations: { echo: echoTrace, read: echoTrace } });
    const ids = [trace.id, "1".repeat(32)];
    const replies = await Promise.all(
      ids.map((id) => call(echo, { headers: { traceparent: trace.header.replace(trace.id, id) } })),
    );
    expect(replies.map(({ body }) => body)).toEqual(ids.map((id) => ({ trace: id })));
  });
});

describe("what everybody may ask", () => {
  it("is how the plugin is, whether it is registered, and its figures", async () => {
    await using echo = await startEcho();
    await deliverEvent(echo.lane, echo.under, { type: "UserCreated", data: {}, path: "/events" });
    const page = async (path: string) => (await fetch(`${echo.url}${path}`)).text();
    expect(JSON.parse(await page("/health"))).toMatchObject({ status: "healthy", plugin_id: "echo", version: "1.2.3" });
    expect(JSON.parse(await page("/heartbeat"))).toMatchObject({ plugin_id: "echo" });
    expect(await page("/metrics")).toContain("# TYPE events_seen counter\nevents_seen 1\n");
  });
});

describe("stopping", () => {
  it("lets what is being handled finish, then runs the shutdown", async () => {
    const order: string[] = [];
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slow = async (): Promise<JsonObject> => {
      entered.resolve();
      await release.promise;
      order.push("handled");
      return {};
    };
    const echo = await startEcho({
      operations: { echo: slow, read: slow },
      shutdown: async () => void order.push("shutdown"),
    });
    const reply = call(echo);
    await entered.promise;
    const stopped = echo[Symbol.asyncDispose]();
    release.resolve();
    expect((await reply).status).toBe(200);
    await stopped;
    expect(order).toEqual(["handled", "shutdown"]);
    await expect(fetch(`${echo.url}/health`)).rejects.toThrow();
  });
});

function call(echo: EchoPlugin, over: Partial<OperationCall> = {}) {
  const payload = over.method === "GET" ? {} : { payload: {} };
  return callOperation(echo.lane, echo.under, { operation: "echo", path: "/operations/echo", ...payload, ...over });
}

function notFoundElsewhere(): NotFoundError {
  return new NotFoundError({ code: "not_found", status: 404, message: "", origin: "platform", retryable: false });
}

function sendRaw(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.once("data", (data) => {
    socket.destroy();
    resolve(data.toString());
  });
  socket.once("error", reject);
  return promise;
}
