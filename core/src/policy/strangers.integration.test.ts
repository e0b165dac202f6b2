import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DecisionRecord } from "@vivified/contracts";
import { decodeJwt, SignJWT } from "jose";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestCore, TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let token: string;
let database: Client;

beforeAll(async () => {
  ({ ground, core, token } = stack.use(await openCoreSuite()));
  database = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await database.connect();
  stack.defer(() => database.end());
});
afterAll(() => stack.disposeAsync());

const strangers = async (): Promise<readonly DecisionRecord[]> => {
  const { rows } = await database.query<{ record: DecisionRecord }>(
    "select record from decisions where rules @> array['admin.unauthenticated'] order by occurred_at, decision_id",
  );
  return rows.map(({ record }) => record);
};

/** A token of core that ended five seconds ago. */
function expired(): Promise<string> {
  const key = createPrivateKey(readFileSync(ground.env.VIVIFIED_CORE_TOKEN_KEY_FILE ?? ""));
  const claims = { ...decodeJwt(token), exp: Math.floor(Date.now() / 1000) - 5 };
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt" }).sign(key);
}

it.each([
  ["no token", async () => undefined, "absent"],
  ["a token that is none", async () => "a.b.c", "refused"],
  ["a token that ended", expired, "refused"],
])("is recorded: an /admin route that is asked with %s", async (_, bearer, presented) => {
  const shown = await bearer();
  const ask = { headers: { traceparent: `00-${"a".repeat(31)}${presented.length}-00f067aa0ba902b7-01` } };
  const route = "DELETE /admin/audit/holds/h-secret?reason=because";
  const { status, body } = await core.ask(route, { ...ask, ...(shown !== undefined && { token: shown }) });
  expect([status, body.code]).toEqual([401, "unauthenticated"]);
  const record = (await strangers()).at(-1);
  expect(record).toMatchObject({
    entrypoint: "refused",
    caller: "anonymous",
    action: "DELETE /admin/audit/holds/{id}",
    resource: "/admin/audit/holds/{id}",
    labels: { address: "127.0.0.1", token: presented },
    trace_id: body.trace_id,
  });
  expect(JSON.stringify(record)).not.toMatch(/because|h-secret/);
  if (shown !== undefined) expect(JSON.stringify(record)).not.toContain(shown);
});

it("takes the address of the connection, and no header for it", async () => {
  await core.ask("GET /admin/users", { headers: { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" } });
  expect((await strangers()).at(-1)?.labels.address).toBe("127.0.0.1");
});

it("is not recorded where no token is asked for, nor for who is known", async () => {
  const before = (await strangers()).length;
  await core.ask("GET /health");
  await core.ask("POST /auth/login", { body: { username: "nobody", password: "wrong" } });
  await core.ask("GET /auth/me");
  await core.ask("GET /admin/nothing");
  await core.ask("GET /admin/users", { token });
  expect(await strangers()).toHaveLength(before);
});

it("is recorded so often in a minute, then counted, and refused all the same", async () => {
  const before = (await strangers()).length;
  const sent = 200;
  for (let nth = 0; nth < sent; nth += 1) expect((await core.ask("GET /admin/users")).status).toBe(401);
  const recorded = (await strangers()).length - before;
  const { body } = await core.ask("GET /metrics");
  const line = /^core_unrecorded_refusals_total\{rule="admin.unauthenticated"\} (\d+)$/m.exec(body);
  expect(Number(line?.[1])).toBeGreaterThan(0);
  expect(recorded + Number(line?.[1])).toBe(sent);
});
