import { parseTraceparent } from "@vivified/contracts";
import { freePort } from "@vivified/runtime";
import { Client } from "pg";
import { Agent } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { adminPassword, eventually, send, startCoreProcess, TestCore, TestGround } from "../core.fixtures.ts";
import { accepted, startTestGateway, type TestGateway } from "./test-gateway.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let port: number;
let gateway: TestGateway | undefined;
let people: Agent;
let number = 0;

beforeAll(async () => {
  port = await freePort();
  ground = stack.use(await TestGround.open({ VIVIFIED_CORE_GATEWAY_URL: `https://127.0.0.1:${port}` }));
  people = new Agent({ connect: { ca: ground.authority.bundlePem, checkServerIdentity: () => undefined } });
  stack.defer(() => people.destroy());
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  gateway = undefined;
});
afterEach(() => gateway?.[Symbol.asyncDispose]());

const open = async (as?: string) => {
  gateway = await startTestGateway(ground.authority, port, as);
  return gateway;
};
const nobody = () => {
  number += 1;
  return {
    username: `user-${number}`,
    email: `user-${number}@demo.example`,
    full_name: "Some Body",
    department: "Care",
  };
};
const create = async (core: TestCore, headers = {}) =>
  core.ask("POST /admin/users", { token: await core.logIn(), body: nobody(), headers });
const keysAbout = (id: string) =>
  (gateway?.received ?? []).filter((one) => one.request.payload.user_id === id).map((one) => one.key);
async function attempts(userId: string): Promise<number> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  const { rows } = await client.query("select attempts from outbox where payload->>'user_id' = $1", [userId]);
  await client.end();
  return rows[0]?.attempts ?? 0;
}
const never = () => new Promise<never>(() => undefined);

describe("the outbox", () => {
  it("publishes UserCreated as core, in the trace of the request that caused it", async () => {
    const { received } = await open();
    await using core = await TestCore.start(ground);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { body } = await create(core, { traceparent });
    await eventually(() => received.length).toBe(1);
    expect(received[0]).toMatchObject({
      peer: "spiffe://vivified.local/core",
      request: {
        event_type: "UserCreated",
        source_plugin: "core",
        trace_id: "0af7651916cd43dd8448eb211c80319c",
        payload: {
          user_id: body.id,
          email: body.email,
          full_name: "Some Body",
          department: "Care",
          tenant_id: "default",
        },
      },
    });
    expect(parseTraceparent(received[0]?.traceparent)?.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("announces nothing about a user who was not created", async () => {
    const { received } = await open();
    await using core = await TestCore.start(ground);
    const token = await core.logIn();
    const body = nobody();
    await core.ask("POST /admin/users", { token, body });
    expect((await core.ask("POST /admin/users", { token, body })).status).toBe(409);
    await create(core);
    await eventually(() => received.length).toBe(2);
    expect(received.map((one) => one.request.payload.username)).toEqual([body.username, `user-${number}`]);
  });

  it("waits for a gateway that is away, and creating users goes on", async () => {
    await using core = await TestCore.start(ground);
    const users = [await create(core), await create(core)];
    expect(users.map(({ status }) => status)).toEqual([201, 201]);
    await open();
    for (const { body } of users) await eventually(() => keysAbout(body.id)).toHaveLength(1);
  });

  it("tries a refused event again, with the same key", async () => {
    const { received } = await open();
    await using core = await TestCore.start(ground);
    const answers = [403, 503, 200];
    (gateway as TestGateway).answer = async () => ({ status: answers.shift() ?? 200, body: { code: "denied" } });
    await create(core);
    await eventually(() => received.length).toBe(3);
    expect(new Set(received.map((one) => one.key)).size).toBe(1);
  });

  it("hands nothing to anybody but the gateway", async () => {
    const { received } = await open("plugin/newsletter");
    await using core = await TestCore.start(ground);
    const { body } = await create(core);
    await eventually(() => attempts(body.id)).toBeGreaterThan(1);
    expect(received).toEqual([]);
    await gateway?.[Symbol.asyncDispose]();
    await open();
    await eventually(() => keysAbout(body.id)).toHaveLength(1);
  });

  it("survives SIGKILL between commit and delivery: the event comes, under one key", async () => {
    const { received } = await open();
    (gateway as TestGateway).answer = never;
    const first = await startCoreProcess(ground);
    const login = await send(first.publicUrl, people, "POST /auth/login", {
      body: { username: "admin", password: adminPassword },
    });
    const token = login.body.access_token;
    const users = await Promise.all(
      [1, 2, 3].map(() => send(first.publicUrl, people, "POST /admin/users", { token, body: nobody() })),
    );
    await eventually(() => received.length).toBe(1);
    const unanswered = String(received[0]?.request.payload.user_id);
    await first.program.stop("SIGKILL");
    (gateway as TestGateway).answer = accepted;
    const second = await startCoreProcess(ground);
    for (const { body } of users) {
      await eventually(() => keysAbout(body.id).length).toBeGreaterThan(0);
      expect(new Set(keysAbout(body.id)).size).toBe(1);
    }
    await eventually(() => keysAbout(unanswered)).toHaveLength(2);
    expect(new Set(keysAbout(unanswered)).size).toBe(1);
    await second.program.stop("SIGTERM");
    expect(second.program.child.exitCode).toBe(0);
  });
});
