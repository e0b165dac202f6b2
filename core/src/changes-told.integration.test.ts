import type { DecisionRecord, StoredGrant } from "@vivified/contracts";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestCore, TestGround } from "./core.fixtures.ts";
import { egressGrant, manifestOf } from "./registry/manifest.fixtures.ts";
import { subjectEnvironment } from "./subjects/subjects.fixtures.ts";

const stack = new AsyncDisposableStack();
let core: TestCore;
let token: string;

beforeAll(async () => {
  const ground = stack.use(await TestGround.open());
  core = stack.use(await TestCore.start(ground, await subjectEnvironment(ground)));
  token = await core.logIn();
});
afterAll(() => stack.disposeAsync());

const admin = (route: string, body?: unknown) => core.ask(route, { token, ...(body !== undefined && { body }) });
const register = (id: string) => core.askAs(id, "POST /plugins/register", { body: { manifest: manifestOf({ id }) } });

/** Whole records of what core did, oldest first, under one rule. */
async function recordsOf(rule: string): Promise<readonly DecisionRecord[]> {
  const { records } = (await admin("GET /admin/decisions/records?entrypoint=recorded&limit=5000")).body;
  return (records as DecisionRecord[]).filter(({ result }) => result.reasons[0]?.rule === rule);
}

describe("the trail alone", () => {
  it("tells which grants are in force, with the ids that decisions name them by", async () => {
    const publish = { kind: "publish", event_type: "EmailSent" };
    for (const id of ["one", "two"]) await register(id);
    await admin("POST /admin/plugins/one/approve", { grants: [publish] });
    await admin("POST /admin/plugins/two/approve", { grants: [publish, egressGrant] });
    await admin("POST /admin/plugins/one/approve", { grants: [egressGrant, publish] });
    const told = new Map<string | undefined, readonly StoredGrant[]>();
    for (const { target, labels } of await recordsOf("registry.approved"))
      told.set(target, JSON.parse(labels.grants ?? ""));
    const { plugins } = (await admin("GET /admin/plugins")).body;
    const inForce = plugins.map(({ id, grants }: { id: string; grants: StoredGrant[] }) => [id, byId(grants)]);
    expect([...told].map(([id, grants]) => [id, byId(grants)]).sort()).toEqual(inForce.sort());
    expect(told.get("one")).toHaveLength(2);
  });

  it("tells what is kept of payloads, and that nothing is any more", async () => {
    const rule = { entrypoint: "rpc/invoke", resource: "one.get", fields: ["/note"], subject: "/user_id" };
    expect((await admin("PUT /admin/kept-payloads", { rules: [rule] })).status).toBe(200);
    expect((await admin("PUT /admin/kept-payloads", { rules: [] })).status).toBe(200);
    const told = (await recordsOf("audit.keeping_changed")).map(({ labels }) => JSON.parse(labels.rules ?? ""));
    expect(told).toEqual([[rule], []]);
  });

  it("tells which settings a plugin changed and whether they are as before, not what they are", async () => {
    const change = async (sender: string) => {
      const body = { config: { sender } };
      expect((await core.askAs("one", "PUT /plugins/self/config", { body })).status).toBe(200);
    };
    for (const sender of ["ada@demo.example", "bob@demo.example", "ada@demo.example", "ada@demo.example"]) {
      await change(sender);
    }
    const records = await recordsOf("settings.changed");
    const [first, second, third, same] = records.map(({ labels }) => labels);
    expect([first, second, third, same].map((labels) => labels?.changed)).toEqual([
      '["sender"]',
      '["sender"]',
      '["sender"]',
      "[]",
    ]);
    expect(first?.after).toMatch(/^[0-9a-f]{64}$/);
    expect([second?.before, second?.after]).toEqual([first?.after, third?.before]);
    expect([third?.after, same?.before, same?.after]).toEqual([first?.after, first?.after, first?.after]);
    expect(second?.after).not.toBe(first?.after);
    expect(JSON.stringify(records)).not.toMatch(/demo\.example/);
  });

  it("tells who was made a user, with which roles, and nothing of how to reach them", async () => {
    const body = { username: "grace", email: "grace@demo.example", full_name: "Grace H", roles: ["viewer", "auditor"] };
    const { id } = (await admin("POST /admin/users", body)).body;
    const [record] = await recordsOf("identity.user_created");
    expect(record).toMatchObject({ resource: `user ${id}`, target: id });
    expect(record?.labels).toEqual({ username: "grace", roles: "auditor viewer" });
    expect(JSON.stringify(record)).not.toMatch(/demo\.example|Grace H/);
  });

  it("names the first administrator by the id that later records have as caller", async () => {
    const id = decodeJwt(token).sub;
    const [record] = await recordsOf("identity.admin_bootstrapped");
    expect(record).toMatchObject({ resource: `user ${id}`, target: id, labels: { username: "admin", roles: "admin" } });
  });
});

const byId = (grants: readonly StoredGrant[]) => [...grants].sort((one, other) => (one.id < other.id ? -1 : 1));
