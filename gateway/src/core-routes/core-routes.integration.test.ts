import { createHttpServer, createLogger, type HttpServer } from "@vivified/runtime";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { heldSvid } from "@vivified/runtime/fixtures";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startTestGateway, type TestGateway } from "../gateway.fixtures.ts";
import { snapshotDocument, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";

type Seen = {
  condition: unknown;
  method: string;
  url: string;
  caller: unknown;
  peer: unknown;
  traceparent: unknown;
  body: unknown;
};

const snapshot = snapshotDocument({
  plugins: [snapshotPlugin("caller"), snapshotPlugin("waiting", { status: "registered" })],
});
const seen: Seen[] = [];
let answer: { status: number; body: object } = { status: 200, body: {} };
let first: TestGateway;
let gateway: { port: number } & AsyncDisposable;
let core: HttpServer;

beforeAll(async () => {
  first = await startTestGateway({ snapshot });
  core = await startCore();
  const coreUrl = `https://127.0.0.1:${portOf(core)}`;
  gateway = await first.startAnother({ writerId: "core-routes", coreUrl });
  await vi.waitFor(async () => expect((await ask("/health", { method: "GET" })).status).toBe(200), 10_000);
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await core?.close();
  await first?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  seen.length = 0;
  answer = { status: 200, body: { status: "ok" } };
});

/** Core's mesh port: real mTLS, and it tells what reached it. */
async function startCore(): Promise<HttpServer> {
  const svid = heldSvid(await first.authority.issue("spiffe://vivified.local/core"));
  const logger = createLogger({ process: "core", level: "silent" });
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  server.all("/*", async (request, reply) => {
    const { method, url, headers, peer, body } = request;
    const { traceparent } = headers;
    const condition = headers["if-none-match"];
    seen.push({ condition, method, url, caller: headers["x-vivified-caller"], peer: peer?.id, traceparent, body });
    return reply.code(answer.status).send(answer.body);
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  return server;
}

function portOf(server: HttpServer): number {
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const ask: TestGateway["ask"] = (path, asking = {}) => first.ask(path, { ...asking, port: gateway.port });

describe("core routes", () => {
  it("pass a plugin's request on with the caller's identity, whatever the plugin says it is", async () => {
    const headers = {
      "if-none-match": "*",
      "x-vivified-caller": "spiffe://vivified.local/core",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    const reply = await ask("/plugins/self/config", { method: "PUT", headers, body: { colour: "blue" } });
    expect([reply.status, reply.json]).toEqual([200, { status: "ok" }]);
    expect(seen).toEqual([
      {
        condition: "*",
        method: "PUT",
        url: "/plugins/self/config",
        caller: "spiffe://vivified.local/plugin/caller",
        peer: "spiffe://vivified.local/gateway",
        traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-/),
        body: { colour: "blue" },
      },
    ]);
  });

  it.each([
    ["POST", "/plugins/heartbeat"],
    ["GET", "/plugins/self/config"],
    ["GET", "/storage/kv/profile"],
    ["DELETE", "/storage/kv/profile"],
  ] as const)("pass on %s %s", async (method, path) => {
    const reply = await ask(path, { method, ...(method === "POST" ? { body: {} } : {}) });
    expect(reply.status).toBe(200);
    expect(seen[0]).toMatchObject({ method, url: path });
  });

  it("keep a storage key one path segment", async () => {
    await ask("/storage/kv/a%2F..%2Fb%20c", { method: "PUT", body: { v: 1 } });
    expect(seen[0]?.url).toBe("/storage/kv/a%2F..%2Fb%20c");
  });

  it("pass on what core refuses, as core says it", async () => {
    answer = { status: 422, body: { code: "invalid", violations: [{ pointer: "/x", message: "wrong" }] } };
    const reply = await ask("/plugins/register", { body: { manifest: {} } });
    expect([reply.status, reply.json]).toEqual([422, answer.body]);
  });

  it("let a plugin that is unknown or not approved register, and nothing else", async () => {
    for (const as of ["stranger", "waiting"]) {
      expect((await ask("/plugins/register", { as, body: { manifest: {} } })).status).toBe(200);
      expect((await ask("/plugins/heartbeat", { as, body: {} })).json).toMatchObject({ status: 403, code: "denied" });
      expect((await ask("/storage/kv/x", { as, method: "GET" })).status).toBe(403);
    }
    expect(seen.map(({ url }) => url)).toEqual(["/plugins/register", "/plugins/register"]);
  });

  it("record a refusal in the gateway's own lane: with a record of core's a whole block of it would count for nothing", async () => {
    await ask("/plugins/heartbeat", { as: "waiting", body: {} });
    await ask("/plugins/heartbeat", { body: { plugin_id: "waiting" } });
    const told = (await readTrail(first.connection, "core-routes")).filter((record) => record.kind === "decision");
    const refused = told.filter(({ entrypoint }) => entrypoint === "refused");
    expect(new Set(told.map(({ lane }) => lane))).toEqual(new Set(["gateway"]));
    expect(new Set(refused.map(({ resource }) => resource))).toContain("POST /plugins/heartbeat");
  });

  it("refuse a forged X-Plugin-Id and plugin_id", async () => {
    const forged = { headers: { "x-plugin-id": "waiting" }, body: {} };
    expect((await ask("/plugins/heartbeat", forged)).json).toMatchObject({ status: 403, code: "source_mismatch" });
    expect((await ask("/plugins/heartbeat", { body: { plugin_id: "waiting" } })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  it("know no process as a plugin, and no other trust domain", async () => {
    const process = await first.authority.issue("spiffe://vivified.local/control-plane");
    expect((await ask("/plugins/register", { as: process, body: {} })).status).toBe(403);
    const elsewhere = await first.authority.issue("spiffe://elsewhere.example/plugin/caller");
    expect((await ask("/plugins/register", { as: elsewhere, body: {} })).status).toBe(401);
    expect(seen).toEqual([]);
  });

  it("have no other path", async () => {
    expect((await ask("/admin/users", { method: "GET" })).json).toMatchObject({ status: 404, code: "not_found" });
    expect(seen).toEqual([]);
  });

  it("answer 503 when core is away", async () => {
    const reply = await first.ask("/plugins/heartbeat", { body: {} });
    expect(reply.json).toMatchObject({ status: 503, code: "core_unavailable", retryable: true });
  });
});
