import type { NatsConnection } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
const tokens: Record<string, string> = {};
const password = "a password of many words";
const people = ["auditor", "security", "developer", "viewer"] as const;

beforeAll(async () => {
  const suite = stack.use(await openCoreSuite());
  ({ ground, core, nats, token: tokens.admin } = suite);
  for (const role of people) {
    const body = { username: role, email: `${role}@demo.example`, full_name: role, password, roles: [role] };
    expect((await core.ask("POST /admin/users", { token: tokens.admin, body })).status).toBe(201);
    tokens[role] = await core.logIn(role, password);
  }
});
afterAll(() => stack.disposeAsync());

const ask = (role: string, route: string, body?: unknown) =>
  core.ask(route, { token: tokens[role] ?? "", ...(body !== undefined && { body }) });

/** Every route of the administration, as OpenAPI tells them, with something in the place of each parameter. */
async function adminRoutes(): Promise<readonly string[]> {
  const { body } = await core.ask("GET /openapi.json");
  const paths = Object.entries(body.paths as Record<string, object>).filter(([path]) => path.startsWith("/admin"));
  return paths.flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "x")}`),
  );
}

describe("an auditor", () => {
  it("can change nothing: every route of the administration that is no reading is a 403", async () => {
    const changing = (await adminRoutes()).filter((route) => !/^(GET|HEAD) /.test(route));
    expect(changing.length).toBeGreaterThan(5);
    for (const route of changing) expect([route, (await ask("auditor", route, {})).status]).toEqual([route, 403]);
  });

  it("reads decisions with their policies, the audit trail and alerts, and nothing else of the administration", async () => {
    const reading = (await adminRoutes()).filter((route) => /^GET /.test(route) && !/tail|export/.test(route));
    for (const route of reading) {
      const allowed = /^GET \/admin\/(decisions|audit|alerts|policies\/bundles\/)/.test(route);
      expect([route, (await ask("auditor", route)).status === 403]).toEqual([route, !allowed]);
    }
  });
});

describe("reading decisions", () => {
  const routes = [
    "/admin/decisions",
    "/admin/decisions/records",
    "/admin/decisions/facets",
    "/admin/decisions/histogram",
  ];
  const denied = [...routes, "/admin/decisions/tail", "/admin/decisions/x"];

  it.each(["admin", "security", "auditor"])("is for %s", async (role) => {
    for (const route of routes) expect([route, (await ask(role, `GET ${route}`)).status]).toEqual([route, 200]);
  });

  it.each(["developer", "viewer"])("is not for %s", async (role) => {
    for (const route of denied) expect([route, (await ask(role, `GET ${route}`)).status]).toEqual([route, 403]);
  });

  it("is recorded with the filter and how many were found, once however often a console asks", async () => {
    const caller = (await ask("auditor", "GET /auth/me")).body.id;
    const mine = async () =>
      (await ask("admin", `GET /admin/decisions/records?since=2020-01-01T00:00:00Z&limit=5000`)).body.records.filter(
        (one: { caller: string; labels: { rule?: string } }) => one.caller === caller && one.labels.rule === "a.rule",
      );
    for (let time = 0; time < 5; time += 1) await ask("auditor", "GET /admin/decisions?rule=a.rule&limit=3");
    const records = await mine();
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      action: "search decisions",
      result: { reasons: [{ rule: "audit.read" }] },
      labels: { rule: "a.rule", decisions: "0" },
      parent_id: expect.any(String),
    });
    await ask("auditor", "GET /admin/decisions?rule=a.rule&effect=deny");
    expect(await mine()).toHaveLength(2);
  });
});

describe("reading again", () => {
  it("is one more record, written at the latest when core stops", async () => {
    const route = "GET /admin/decisions?rule=again.rule";
    const caller = (await ask("auditor", "GET /auth/me")).body.id;
    await using passing = new AsyncDisposableStack();
    const second = passing.use(await TestCore.start(ground));
    for (let time = 0; time < 4; time += 1) await second.ask(route, { token: tokens.auditor ?? "" });
    await passing.disposeAsync();
    const { body } = await ask("admin", "GET /admin/decisions?rule=audit.read_again");
    expect(body.decisions.map((one: { caller: string }) => one.caller)).toEqual([caller]);
    const { labels } = (await ask("admin", `GET /admin/decisions/${body.decisions[0].decision_id}`)).body;
    expect(labels).toMatchObject({ rule: "again.rule", times: "3", decisions: "0" });
  });
});

describe("counting decisions", () => {
  const hour = 60 * 60 * 1000;
  const base = Math.floor(Date.now() / hour) * hour - 50 * hour;
  const at = (ms: number) => new Date(base + ms).toISOString();
  const no = { effect: "deny", reasons: [{ rule: "counted.no", message: "No", fix: "" }], obligations: [] };
  const counted = async (what: string, query: string) =>
    (await ask("auditor", `GET /admin/decisions/${what}?${query}`)).body;

  beforeAll(async () => {
    const dated = (ms: number, changes: object = {}) =>
      decisionOf({ caller: "counted", timestamp: at(ms), ...changes });
    const records = [
      dated(1),
      dated(2),
      dated(hour + 1),
      dated(hour + 2, { result: no }),
      dated(7 * hour, { lane: "egress" }),
    ];
    await new BlockWriter(nats, "counting").write(records);
  });
  const settled = () => eventually(async () => (await counted("facets", "caller=counted")).total).toBe(5);

  it("tells how many there are of each value, with the filters of a search", async () => {
    await settled();
    const { facets, total, estimated } = await counted("facets", "caller=counted");
    expect([total, estimated]).toEqual([5, false]);
    expect(facets.lane).toEqual([
      { value: "rpc", count: 4 },
      { value: "egress", count: 1 },
    ]);
    expect(facets.effect).toEqual([
      { value: "allow", count: 4 },
      { value: "deny", count: 1 },
    ]);
    expect(facets.rule).toContainEqual({ value: "counted.no", count: 1 });
    expect((await counted("facets", "caller=counted&effect=deny")).total).toBe(1);
    expect((await counted("facets", "text=zebra")).total).toBe(0);
  });

  it("counts an outcome when it is told", async () => {
    const one = decisionOf({ caller: "told" });
    const writer = new BlockWriter(nats, "telling");
    await writer.write([one]);
    const outcomes = async () => (await counted("facets", "caller=told")).facets?.outcome;
    await eventually(outcomes).toEqual([{ value: "none", count: 1 }]);
    await writer.write([outcomeOf(one)]);
    await eventually(outcomes).toEqual([{ value: "done", count: 1 }]);
  });

  it("counts whole hours, and says so", async () => {
    await settled();
    const { total, since, until, estimated } = await counted(
      "facets",
      `caller=counted&since=${at(hour + 2)}&until=${at(2 * hour)}`,
    );
    expect({ total, since, until, estimated }).toEqual({
      total: 2,
      since: at(hour),
      until: at(2 * hour),
      estimated: true,
    });
  });

  it("spreads them over time, by effect", async () => {
    await settled();
    const query = `caller=counted&since=${at(0)}&until=${at(10 * hour)}`;
    expect(await counted("histogram", `${query}&buckets=10`)).toEqual({
      ...{ since: at(0), until: at(10 * hour), estimated: false, hours: 1 },
      buckets: [
        { since: at(0), allow: 2, sanitize: 0, deny: 0 },
        { since: at(hour), allow: 1, sanitize: 0, deny: 1 },
        { since: at(7 * hour), allow: 1, sanitize: 0, deny: 0 },
      ],
    });
    expect((await counted("histogram", `${query}&buckets=1`)).buckets).toEqual([
      { since: at(0), allow: 4, sanitize: 0, deny: 1 },
    ]);
  });

  it.each(["histogram?buckets=0", "histogram?buckets=501", "histogram?limit=1", "facets?trace_id=x", "facets?since=x"])(
    "refuses %s",
    async (query) => {
      expect((await ask("auditor", `GET /admin/decisions/${query}`)).status).toBe(422);
    },
  );
});
