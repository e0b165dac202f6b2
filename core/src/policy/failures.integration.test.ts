import type { DecisionRecord } from "@vivified/contracts";
import { decodeJwt } from "jose";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { layLosingWire } from "../database/lost-answer.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let token: string;
let database: Client;

beforeAll(async () => {
  const suite = stack.use(await openCoreSuite());
  ({ ground, core, token } = suite);
  database = new Client({ connectionString: suite.ground.env.VIVIFIED_CORE_DATABASE_URL });
  await database.connect();
  stack.defer(() => database.end());
});
afterAll(() => stack.disposeAsync());

const user = (username: string, more = {}) => ({
  username,
  email: `${username}@demo.example`,
  full_name: "Some Body",
  ...more,
});

/** An answer, and all that the trail says of the request, oldest first. */
async function told(route: string, ask: { readonly body?: unknown; readonly text?: string } = {}) {
  const trace = crypto.randomUUID().replaceAll("-", "");
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  const { status, body } = await core.ask(route, { token, headers, ...ask });
  const { rows } = await database.query<{ record: DecisionRecord }>(
    "select record from decisions where trace_id = $1 order by entrypoint <> 'admin/access', decision_id",
    [trace],
  );
  return { status, body, records: rows.map(({ record }) => record) };
}

const rulesOf = (records: readonly DecisionRecord[]) => records.map(({ result }) => result.reasons[0]?.rule);

/** Makes every insert into a table fail, where a condition holds, until it is disposed of. */
async function broken(table: string, condition: string): Promise<AsyncDisposable> {
  await database.query(`
    create or replace function broken() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
    create trigger broken before insert on ${table} for each row when (${condition}) execute function broken()`);
  return { [Symbol.asyncDispose]: async () => void (await database.query(`drop trigger broken on ${table}`)) };
}

describe("an administrator's change that does not happen", () => {
  it("is recorded as a conflict, behind the access decision", async () => {
    await told("POST /admin/users", { body: user("taken") });
    const { status, records } = await told("POST /admin/users", { body: user("taken") });
    expect([status, ...rulesOf(records)]).toEqual([409, "admin.permitted", "admin.failed"]);
    const [access, failed] = records;
    expect(failed).toMatchObject({
      entrypoint: "refused",
      caller: decodeJwt(token).sub,
      action: "POST /admin/users",
      resource: "/admin/users",
      parent_id: access?.decision_id,
      labels: { status: "409", code: "conflict" },
      result: { effect: "deny" },
    });
  });

  it.each([
    ["a body against its schema", { body: user("wrong", { roles: ["root"] }) }, 422, "invalid"],
    ["a body that is no JSON", { text: "{" }, 400, "malformed"],
  ])("is recorded for %s, without what it says", async (_, ask, status, code) => {
    const answer = await told("POST /admin/users", ask);
    expect([answer.status, ...rulesOf(answer.records)]).toEqual([status, "admin.permitted", "admin.failed"]);
    expect(answer.records[1]?.labels).toEqual({ status: String(status), code });
    expect(JSON.stringify(answer.records)).not.toContain("root");
  });

  it("is recorded for what is not there", async () => {
    const { status, records } = await told("POST /admin/plugins/none/disable");
    expect([status, ...rulesOf(records)]).toEqual([404, "admin.permitted", "admin.failed"]);
    expect(records[1]).toMatchObject({ action: "POST /admin/plugins/{id}/disable", labels: { code: "not_found" } });
  });

  it("is recorded when core fails, and nothing says that it happened", async () => {
    await using _ = await broken("users", "true");
    const { status, records } = await told("POST /admin/users", { body: user("unlucky") });
    expect([status, ...rulesOf(records)]).toEqual([500, "admin.permitted", "admin.failed"]);
    expect(records[1]?.labels).toEqual({ status: "500", code: "internal" });
  });

  it("is answered for what it is when that cannot be recorded", async () => {
    await using _ = await broken("decisions", "new.entrypoint = 'refused'");
    const { status, body, records } = await told("POST /admin/users", { body: user("taken") });
    expect([status, body.code, ...rulesOf(records)]).toEqual([409, "conflict", "admin.permitted"]);
  });
});

describe("a change whose commit was not heard of", () => {
  it("happened, and nothing says that it did not", async () => {
    const wire = stack.use(await layLosingWire(String(ground.env.VIVIFIED_CORE_DATABASE_URL)));
    const [own, ownToken] = [core, token];
    core = stack.use(await TestCore.start(ground, { VIVIFIED_CORE_DATABASE_URL: wire.url }));
    token = await core.logIn();
    wire.loseCommitOf('insert into "users"');
    const { status, records } = await told("POST /admin/users", { body: user("unheard") });
    [core, token] = [own, ownToken];
    expect([status, ...rulesOf(records)]).toEqual([503, "admin.permitted", "identity.user_created", "admin.failed"]);
    const { message } = records[2]?.result.reasons[0] ?? {};
    expect(message).toBe("An administrator may do this, and core cannot say that it happened");
  });
});

describe("nothing is told to have failed", () => {
  it("where the change happened", async () => {
    const { status, records } = await told("POST /admin/users", { body: user("made") });
    expect([status, ...rulesOf(records)]).toEqual([201, "admin.permitted", "identity.user_created"]);
  });

  it("where somebody only wanted to read", async () => {
    const { status, records } = await told("GET /admin/decisions/none");
    expect([status, ...rulesOf(records)]).toEqual([404, "admin.permitted"]);
  });

  it("where policy did not let it", async () => {
    await told("POST /admin/users", {
      body: user("viewer", { password: "a long enough password", roles: ["viewer"] }),
    });
    const own = token;
    token = await core.logIn("viewer", "a long enough password");
    const { status, records } = await told("POST /admin/users", { body: user("sneaked") });
    token = own;
    expect([status, records.length, records[0]?.entrypoint]).toEqual([403, 1, "admin/access"]);
  });
});
