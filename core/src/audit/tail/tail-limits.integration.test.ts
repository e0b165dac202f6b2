import { readFile } from "node:fs/promises";
import { connect } from "node:tls";
import { type NatsConnection, uuidv7 } from "@vivified/runtime";
import { Client } from "pg";
import { type Dispatcher, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestCore, TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { AccessTokens } from "../../identity/index.ts";
import { until } from "../../process.fixtures.ts";
import { BlockWriter, decisionOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
const password = "a password of many words";
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let database: Client;
let admin: string;

beforeAll(async () => {
  ({ ground, core, nats, token: admin } = stack.use(await openCoreSuite()));
  database = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await database.connect();
  stack.defer(() => database.end());
}, 60_000);
afterAll(() => stack.disposeAsync());

/** An auditor of their own for one test. */
async function auditor(username: string): Promise<{ readonly id: string; readonly token: string }> {
  const body = { username, email: `${username}@demo.example`, full_name: username, password, roles: ["auditor"] };
  const { id } = (await core.ask("POST /admin/users", { token: admin, body })).body;
  return { id, token: await core.logIn(username, password) };
}

type Open = { readonly reply: Dispatcher.ResponseData; readonly text: () => string; readonly ended: () => boolean };

async function follow(token: string, query = ""): Promise<Open> {
  const headers = { authorization: `Bearer ${token}` };
  const reply = await request(`${core.publicUrl}/admin/decisions/tail?${query}`, { headers, dispatcher: core.people });
  expect(reply.statusCode).toBe(200);
  let [text, ended] = ["", false];
  reply.body.on("data", (piece) => (text += piece));
  reply.body.on("close", () => (ended = true)).on("error", () => undefined);
  return { reply, text: () => text, ended: () => ended };
}

const soon = (look: () => unknown) => until(async () => Boolean(await look()), 50_000);
const rows = async (text: string, values: readonly unknown[]) => (await database.query(text, [...values])).rows;
const denials = (caller: string) =>
  rows("select 1 from decisions where caller = $1 and action = 'GET /admin/decisions/tail' and effect = 'deny'", [
    caller,
  ]);

describe.concurrent("a tail", { timeout: 90_000 }, () => {
  it("says every ten seconds how far the log has come, also while all that comes is for others", async () => {
    const tail = await follow(admin, "caller=nobody");
    const others = new BlockWriter(nats, "elsewhere");
    await soon(async () => {
      await others.write([decisionOf({ caller: "somebody" })]);
      return tail.text().split("\n\n").length === 3;
    });
    expect(tail.text()).toMatch(/^: nothing new\nid: -?\d+\n\n: nothing new\nid: \d+\n\n$/);
    const [first = 0, second = 0] = [...tail.text().matchAll(/id: (-?\d+)/g)].map(([, place]) => Number(place));
    expect(second).toBeGreaterThan(first);
    tail.reply.body.destroy();
  });

  it("ends when the reader's role is taken away, which is recorded", async () => {
    const { id, token } = await auditor("demoted");
    const tail = await follow(token);
    await rows("update users set roles = '{viewer}' where id = $1", [id]);
    await soon(() => tail.ended());
    expect(await denials(id)).toHaveLength(1);
    expect((await core.ask("GET /admin/decisions/tail", { token })).status).toBe(403);
  });

  it("ends when the reader's account is gone", async () => {
    const { id, token } = await auditor("removed");
    const tail = await follow(token);
    await rows("delete from users where id = $1", [id]);
    await soon(() => tail.ended());
    expect((await core.ask("GET /admin/decisions/tail", { token })).status).toBe(401);
  });

  it("ends when the reader's login does, also while there is always something to tell", async () => {
    const { id } = await auditor("expiring");
    const keyPem = await readFile(ground.env.VIVIFIED_CORE_TOKEN_KEY_FILE ?? "", "utf8");
    const earlier = { now: () => new Date(Date.now() - (15 * 60 - 5) * 1000), monotonicMs: () => 0 };
    const token = await new AccessTokens({ keyPem, trustDomain: "vivified.local", clock: earlier }).sign({
      ...{ id, tenantId: "default" },
    });
    const tail = await follow(token, "caller=busy");
    const writer = new BlockWriter(nats, "busy");
    await soon(async () => {
      await writer.write([decisionOf({ caller: "busy" })]);
      return tail.ended();
    });
    expect(tail.text()).toContain('"caller":"busy"');
  });

  it("is taken away from a reader who does not read, before all of it waits in memory", async () => {
    const { id, token } = await auditor("sleeper");
    const reason = { rule: "long", message: uuidv7().repeat(230), fix: "" };
    const result = { effect: "allow", reasons: [reason], obligations: [] };
    const writer = new BlockWriter(nats, "long");
    for (let block = 0; block < 50; block += 1)
      await writer.write(Array.from({ length: 50 }, () => decisionOf({ caller: "long", result })));
    await soon(async () => (await rows("select 1 from decisions where caller = 'long'", [])).length === 2_500);
    const { hostname, port } = new URL(core.publicUrl);
    const to = { host: hostname, port: Number(port), ca: ground.authority.bundlePem };
    const socket = connect({ ...to, checkServerIdentity: () => undefined }).pause();
    const head = [
      "GET /admin/decisions/tail?caller=long HTTP/1.1",
      `host: ${hostname}`,
      `authorization: Bearer ${token}`,
    ];
    socket.on("error", () => undefined).write([...head, "last-event-id: -1", "", ""].join("\r\n"));
    const closed = () =>
      rows("select record from decisions where caller = $1 and rules @> array['audit.tail_closed']", [id]);
    await soon(async () => (await closed()).length > 0);
    expect(Number((await closed())[0].record.labels.decisions)).toBeLessThan(2_500);
    socket.destroy();
  });
});

describe("a hundred tails", () => {
  it("are all that are open at a time; the next one has to wait until one is closed", async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => follow(admin, "caller=nobody")));
    expect((await core.ask("GET /admin/decisions/tail", { token: admin })).body).toMatchObject({
      ...{ status: 429, code: "rate_limited", retryable: true },
      detail: "100 tails are open already",
    });
    all[0]?.reply.body.destroy();
    const again = async () => (await request(`${core.publicUrl}/admin/decisions/tail`, asAdmin())).statusCode === 200;
    await soon(again);
    for (const { reply } of all) reply.body.destroy();
  }, 60_000);

  const asAdmin = () => ({ headers: { authorization: `Bearer ${admin}` }, dispatcher: core.people });
});
