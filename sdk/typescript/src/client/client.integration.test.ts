import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LaneStandIn, openLaneStandIn, type StandInAnswer } from "../testing/lane-stand-in.ts";
import { problem } from "../testing/standard-answers.ts";
import { inNewTrace } from "../trace.ts";
import { type Client, createClient } from "./client.ts";
import {
  AuthenticationError,
  DeniedError,
  InvalidError,
  LaneError,
  NotFoundError,
  UnavailableError,
} from "./lane-error.ts";

let lane: LaneStandIn;
let client: Client;

beforeAll(async () => {
  lane = await openLaneStandIn();
  client = createClient({ laneUrl: lane.url, pluginId: "echo" });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await lane[Symbol.asyncDispose]();
});

describe("on the wire", () => {
  it("an event names its publisher, and carries what was said of it and no more", async () => {
    const event = { type: "Echoed", payload: { a: 1 }, traits: ["pii"], metadata: { batch: "7" } };
    const { eventId } = await client.publishEvent(event, { idempotencyKey: "k-1" });
    const sent = lane.requests("POST /events/publish").at(-1);
    expect(eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent?.body).toEqual({
      event_type: "Echoed",
      payload: { a: 1 },
      source_plugin: "echo",
      data_traits: ["pii"],
      metadata: { batch: "7" },
    });
    expect(sent?.headers).toMatchObject({ "idempotency-key": "k-1", "content-type": "application/json" });
    await client.publishEvent({ type: "Echoed", payload: {} });
    const bare = { event_type: "Echoed", payload: {}, source_plugin: "echo" };
    expect(lane.requests("POST /events/publish").at(-1)?.body).toEqual(bare);
  });

  it("a call goes to the operation and its reply is the payload, also when its names are odd", async () => {
    lane.answer("POST /gateway/a%2Fb/c%3Fd", ({ body }) => ({ status: 200, body: { got: body ?? null } }));
    expect(await client.callPlugin("a/b", "c?d", { x: [1] })).toEqual({ got: { x: [1] } });
  });

  it("an outside call and a mail are what the gateway takes", async () => {
    const answer = { status_code: 201, headers: { etag: "x" }, body: [1] };
    lane.answer("POST /proxy", () => ({ status: 200, body: answer }));
    const request = {
      url: "https://outside.example/a",
      method: "POST",
      headers: { "x-a": "b" },
      body: { c: 1 },
    } as const;
    expect(await client.callExternal(request)).toEqual({ status: 201, headers: { etag: "x" }, body: [1] });
    expect(lane.requests("POST /proxy").at(-1)?.body).toEqual(request);
    const mail = { from: "a@x.example", to: ["b@x.example"], subject: "s", text: "t" };
    await client.sendMail({ server: "smtp://mail.example:25", ...mail });
    const sent = { url: "smtp://mail.example:25", method: "SEND", body: mail };
    expect(lane.requests("POST /proxy").at(-1)?.body).toEqual(sent);
  });

  it("storage keeps, creates, forgets, and knows absent from null", async () => {
    const { storage } = client;
    expect(await storage.get("a:b")).toBeUndefined();
    expect(await storage.create("a:b", null)).toBe(true);
    expect(await storage.create("a:b", 2)).toBe(false);
    expect(await storage.get("a:b")).toBeNull();
    await storage.put("a:b", { deep: [1] });
    expect(await storage.get("a:b")).toEqual({ deep: [1] });
    await storage.delete("a:b");
    await storage.delete("a:b");
    expect(await storage.get("a:b")).toBeUndefined();
  });

  it("storage does not take a lost lane for an absent key", async () => {
    lane.answer("GET /storage/kv/lost", () => ({ status: 404, contentType: "text/plain", text: "" }));
    await expect(client.storage.get("lost")).rejects.toThrow(NotFoundError);
  });

  it("settings are read and written whole", async () => {
    lane.answer("GET /plugins/self/config", () => ({ status: 200, body: { config: { a: 1 } } }));
    lane.answer("PUT /plugins/self/config", ({ body }) => ({ status: 200, body: body ?? null }));
    expect(await client.getConfig()).toEqual({ a: 1 });
    await client.setConfig({ b: 2 });
    expect(lane.requests("PUT /plugins/self/config").at(-1)?.body).toEqual({ config: { b: 2 } });
  });

  it("every request outside of a handler begins a trace, and inside continues it", async () => {
    const traceparents = () => lane.requests("POST /events/publish").map(({ headers }) => headers.traceparent ?? "");
    await client.publishEvent({ type: "A", payload: {} });
    await client.publishEvent({ type: "A", payload: {} });
    const [first, second] = traceparents().slice(-2);
    expect(first?.slice(3, 35)).not.toBe(second?.slice(3, 35));
    const traceId = await inNewTrace(async (trace) => {
      await client.publishEvent({ type: "A", payload: {} });
      return trace.traceId;
    });
    expect(traceparents().at(-1)).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });
});

describe("a failure", () => {
  it.each<[string, StandInAnswer, new (...args: never[]) => LaneError]>([
    ["401", problem({ status: 401, code: "unauthenticated", retryable: false }), AuthenticationError],
    ["403", problem({ status: 403, code: "source_mismatch", retryable: false }), DeniedError],
    ["404", problem({ status: 404, code: "not_found", retryable: false }), NotFoundError],
    ["400", problem({ status: 400, code: "malformed", retryable: false }), InvalidError],
    ["405", problem({ status: 405, code: "method_not_allowed", retryable: false }), InvalidError],
    ["409", problem({ status: 409, code: "conflict", retryable: false }), InvalidError],
    ["413", problem({ status: 413, code: "too_large", retryable: false }), InvalidError],
    ["422", problem({ status: 422, code: "invalid", retryable: false }), InvalidError],
    ["429", problem({ status: 429, code: "rate_limited", retryable: true }), UnavailableError],
    ["500", problem({ status: 500, code: "internal", retryable: false }), UnavailableError],
    ["502", problem({ status: 502, code: "upstream_failed", retryable: true, upstream_status: 404 }), UnavailableError],
    ["503", problem({ status: 503, code: "audit_unavailable", retryable: true }), UnavailableError],
    ["504", problem({ status: 504, code: "target_timeout", retryable: true }), UnavailableError],
  ])("of %s has its kind, its code and whether to try again", async (_status, answer, kind) => {
    const error = await failureOf(answer);
    const said = JSON.parse(answer.text ?? "");
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({
      code: said.code,
      status: said.status,
      retryable: said.retryable,
      origin: "platform",
    });
    expect(error.upstreamStatus).toBe(said.upstream_status);
  });

  it("carries the decision, its reasons and the trace", async () => {
    const reasons = [{ rule: "rpc.not_granted", message: "The operation is not granted", fix: "grant it" }];
    const trace_id = "a".repeat(32);
    const denial = problem({ status: 403, code: "denied", retryable: false, decision_id: "d-1", reasons, trace_id });
    expect(await failureOf(denial)).toMatchObject({
      decisionId: "d-1",
      reasons,
      traceId: trace_id,
      executed: undefined,
    });
  });

  it("says when the action took place all the same", async () => {
    const withheld = problem({ status: 403, code: "reply_withheld", retryable: false, executed: true });
    expect(await failureOf(withheld)).toMatchObject({ code: "reply_withheld", executed: true, retryable: false });
  });

  it("of the target is told from one of the platform by its content type", async () => {
    const target: StandInAnswer = { status: 404, body: { error: "not_found", message: "there is no such user" } };
    const error = await failureOf(target);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ origin: "target", code: "not_found", message: "there is no such user" });
    expect(await failureOf(problem({ status: 404, code: "not_found", retryable: false }))).toMatchObject({
      origin: "platform",
    });
  });

  it.each<[string, StandInAnswer]>([
    ["an empty 404 of something in between", { status: 404, contentType: "text/plain", text: "" }],
    ["an HTML 503", { status: 503, contentType: "text/html", text: "<html>no healthy upstream" }],
    ["a problem that is not JSON", { status: 403, contentType: "application/problem+json", text: "{" }],
    ["a redirect", { status: 302, text: "{}" }],
    ["a success that is not JSON", { status: 200, contentType: "text/html", text: "<html>" }],
    ["a success that is not an object", { status: 200, body: [1] }],
  ])("%s is not taken for anything else", async (_what, answer) => {
    expect(await failureOf(answer)).toMatchObject({
      code: "unexpected_reply",
      status: answer.status,
      origin: "platform",
      retryable: false,
    });
  });

  it("of a lane that breaks off may have happened, so it is not called retryable", async () => {
    const server = createServer((socket) => socket.once("data", () => socket.destroy())).listen(0, "127.0.0.1");
    await once(server, "listening");
    await using cut = createClient({ laneUrl: urlOf(server), pluginId: "echo" });
    const error = await cut.callPlugin("a", "b", {}).catch((thrown: unknown) => thrown);
    server.close();
    expect(error).toMatchObject({ name: "UnavailableError", code: "lane_unreachable", retryable: false });
  });

  it("of a lane that is not there may be tried again", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const laneUrl = urlOf(server);
    await new Promise((resolve) => server.close(resolve));
    await using lost = createClient({ laneUrl, pluginId: "echo" });
    const error = await lost.publishEvent({ type: "A", payload: {} }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ code: "lane_unreachable", status: 0, retryable: true, traceId: expect.any(String) });
  });

  it("of a lane that does not answer in time may have happened, so it is not called retryable", async () => {
    await using mute = await openMuteServer();
    await using waiting = createClient({ laneUrl: mute.url, pluginId: "echo" });
    const error = await waiting.callPlugin("a", "b", {}, { timeoutMs: 50 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "UnavailableError", code: "lane_timeout", retryable: false });
  });

  it("never shows what was sent", async () => {
    await using lost = createClient({ laneUrl: "http://127.0.0.1:1", pluginId: "echo" });
    const payload = { ssn: "078-05-1120" };
    const error = await lost.callPlugin("a", "b", payload).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("078-05-1120");
  });
});

async function failureOf(answer: StandInAnswer): Promise<LaneError> {
  lane.answer("POST /gateway/target/failing", () => answer);
  const error = await client.callPlugin("target", "failing", {}).catch((thrown: unknown) => thrown);
  if (error instanceof LaneError) return error;
  throw new Error("the call did not fail");
}

async function openMuteServer() {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
