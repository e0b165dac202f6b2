import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Alert } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { eventually, startCoreProcess, TestCore, TestGround } from "../core.fixtures.ts";
import { openPeople, type People } from "../policy/policy-world.fixtures.ts";
import { type HookReceiver, type MailReceiver, openHookReceiver, openMailReceiver } from "./receivers.fixtures.ts";

const key = Buffer.alloc(32, 7);
const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let people: People;
let auditor: string;
let nats: NatsConnection;
let mail: MailReceiver;
let hooks: HookReceiver;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  const certificate = await ground.authority.issue("spiffe://vivified.local/outside", { dnsNames: ["localhost"] });
  mail = stack.use(await openMailReceiver(certificate));
  hooks = stack.use(await openHookReceiver(certificate));
  const ca = join(ground.directory, "outside.pem");
  await writeFile(ca, ground.authority.bundlePem);
  Object.assign(ground.env, {
    VIVIFIED_CORE_ALERT_INTERVAL_MS: "200",
    VIVIFIED_CORE_ALERT_REPEAT_MS: "1000",
    VIVIFIED_CORE_ALERT_DENIALS_WINDOW_MS: "60000",
    VIVIFIED_CORE_ALERT_DENIALS_MINIMUM: "20",
    VIVIFIED_CORE_ALERT_MAIL_URL: `smtp://localhost:${mail.port}`,
    VIVIFIED_CORE_ALERT_MAIL_FROM: "vivified@example.org",
    VIVIFIED_CORE_ALERT_MAIL_TO: "duty@example.org,ciso@example.org",
    VIVIFIED_CORE_ALERT_MAIL_CA_FILE: ca,
    VIVIFIED_CORE_ALERT_WEBHOOK_URL: `https://localhost:${hooks.port}/alerts`,
    VIVIFIED_CORE_ALERT_WEBHOOK_SECRET: `whsec_${key.toString("base64")}`,
    VIVIFIED_CORE_ALERT_WEBHOOK_CA_FILE: ca,
  });
  core = await TestCore.start(ground);
  stack.defer(() => core[Symbol.asyncDispose]());
  nats = stack.use(await ground.nats.connect("gateway"));
  people = await openPeople(core);
  auditor = await newAuditor();
});
afterAll(() => stack.disposeAsync());

async function newAuditor(): Promise<string> {
  const password = "a password for auditors";
  const body = { username: "aud", email: "aud@example.org", full_name: "Aud", password, roles: ["auditor"] };
  await core.ask("POST /admin/users", { token: await core.logIn(), body });
  return core.logIn("aud", password);
}

const alerts = async (): Promise<Alert[]> => (await core.ask("GET /admin/alerts", { token: people.ann })).body.alerts;
const alertOf = async (rule: string, subject?: string) =>
  (await alerts()).find((one) => one.rule === rule && (subject === undefined || one.subject === subject));
const hooksOf = (rule: string, receiver = hooks) => receiver.received.filter(({ notice }) => notice.data.rule === rule);
const acknowledge = (id: string | undefined, token = people.ann) =>
  core.ask(`POST /admin/alerts/${id}/acknowledge`, { token, body: { note: "looked into it" } });
const recorded = async (rule: string) =>
  (await core.ask(`GET /admin/decisions?rule=${rule}&limit=50`, { token: people.ann })).body.decisions;

async function sql(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const denial = (caller: string) =>
  decisionOf({
    caller,
    result: { effect: "deny", reasons: [{ rule: "rpc.not_granted", message: "No", fix: "" }], obligations: [] },
  });

describe("a spike of denials", () => {
  it("opens an alert about the caller, by mail over TLS, signed webhook, event and record", async () => {
    await new BlockWriter(nats, "spike").write(
      Array.from({ length: 25 }, () => denial("noisy\r\nBcc: eve@example.org")),
    );
    const subject = "noisy\r\nBcc: eve@example.org";
    await eventually(() => alertOf("denials_spike", subject)).toMatchObject({
      state: "open",
      severity: "high",
      message: expect.stringContaining("denied 25 times"),
    });
    const { id } = (await alertOf("denials_spike", subject)) ?? {};
    await eventually(() => mail.received.find(({ raw }) => raw.includes(String(id)))).toMatchObject({
      secure: true,
      to: ["duty@example.org", "ciso@example.org"],
      raw: expect.stringMatching(/^Subject: \[vivified\] high: denials_spike opened\r$/m),
    });
    expect(mail.received.filter(({ raw }) => /^Bcc:/m.test(raw))).toEqual([]);
    await eventually(() => hooksOf("denials_spike").some(({ notice }) => notice.data.id === id)).toBe(true);
    const events = await sql("select payload from outbox where event_type = 'SecurityAlert'");
    expect(events.map(({ payload }) => payload)).toContainEqual(
      expect.objectContaining({ kind: "denials_spike", severity: "high" }),
    );
    expect((await recorded("alert.opened")).map((one: { target: string }) => one.target)).toContain(id);
  });

  it("signs as Standard Webhooks says, over id, time and the very bytes", async () => {
    const [hook] = hooksOf("denials_spike");
    const { "webhook-id": id, "webhook-timestamp": at } = hook?.headers ?? {};
    const signature = createHmac("sha256", key).update(`${id}.${at}.${hook?.body}`).digest("base64");
    expect(hook?.headers["webhook-signature"]).toBe(`v1,${signature}`);
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(300);
    expect(hook?.notice.type).toBe("alert.opened");
  });

  it("is told again while it lasts, until somebody acknowledges it", async () => {
    const subject = "*";
    await eventually(async () => (await alertOf("denials_spike", subject))?.told).toBeGreaterThan(1);
    const { id } = (await alertOf("denials_spike", subject)) ?? {};
    expect((await acknowledge(id)).body).toMatchObject({ state: "acknowledged", note: "looked into it" });
    const told = (await alertOf("denials_spike", subject))?.told;
    const evidence = Date.parse((await alertOf("denials_spike", subject))?.evidence_at ?? "");
    const later = async () => Date.parse((await alertOf("denials_spike", subject))?.evidence_at ?? "");
    await eventually(later).toBeGreaterThan(evidence + 2_000);
    expect((await alertOf("denials_spike", subject))?.told).toBe(told);
    expect(await recorded("alert.acknowledged")).toMatchObject([{ target: id, action: "alert acknowledged" }]);
  });
});

describe("acknowledging", () => {
  it("is not an auditor's to do; looking is", async () => {
    const { id } = (await alerts())[0] ?? {};
    expect((await acknowledge(id, auditor)).body).toMatchObject({ status: 403, code: "denied" });
    expect((await core.ask("GET /admin/alerts", { token: auditor })).status).toBe(200);
  });

  it("refuses an alert that is none, one that is acknowledged, and an empty note", async () => {
    expect((await acknowledge("nothing")).body).toMatchObject({ status: 404 });
    const { id } = (await alerts()).find(({ state }) => state === "acknowledged") ?? {};
    expect((await acknowledge(id)).body).toMatchObject({ status: 409, code: "conflict" });
    const empty = await core.ask(`POST /admin/alerts/${id}/acknowledge`, { token: people.ann, body: { note: "" } });
    expect(empty.status).toBe(422);
  });
});

describe("a trail that does not hold together", () => {
  it("raises a critical alert that only a person ends, and that old evidence does not open again", async () => {
    await new BlockWriter(nats, "broken").write([decisionOf()], { previous: "ab".repeat(32) });
    const about = () => alertOf("audit_verification_failed");
    await eventually(about).toMatchObject({ subject: "writer broken", severity: "critical", state: "open" });
    const { id } = (await about()) ?? {};
    expect((await acknowledge(id)).status).toBe(200);
    await eventually(about).toMatchObject({ id, state: "resolved" });
    await eventually(() => hooksOf("audit_verification_failed").map(({ notice }) => notice.type)).toContain(
      "alert.resolved",
    );
    await new BlockWriter(nats, "other").write([decisionOf()], { previous: "cd".repeat(32) });
    await eventually(() => alertOf("audit_verification_failed", "writer other")).toMatchObject({ state: "open" });
    expect((await alerts()).filter(({ subject }) => subject === "writer broken")).toHaveLength(1);
  });
});

describe("other rules", () => {
  let controlPlane: BlockWriter;
  beforeAll(() => {
    controlPlane = new BlockWriter(nats, "control-plane");
  });

  it("tell of logins that are held back", async () => {
    const guess = () => core.ask("POST /auth/login", { body: { username: "nobody", password: "guessed" } });
    for (let tries = 0; tries < 11; tries += 1) await guess();
    expect((await guess()).status).toBe(429);
    await eventually(() => alertOf("login_lockout")).toMatchObject({ severity: "medium", state: "open" });
  });

  it.each([
    ["was used before", "reused", "join_token_reused", "high"],
    ["is not by the platform", "unsigned", "join_token_forged", "critical"],
  ])("tell of a join token that %s", async (message, fault, alert, severity) => {
    const reasons = [{ rule: `mesh.join_token_${fault}`, message, fix: "" }];
    const result = { effect: "deny", reasons, obligations: [] } as const;
    const resource = `spiffe://vivified.local/plugin/${fault}`;
    const refused = decisionOf({
      lane: "mesh",
      entrypoint: "refused",
      path: "",
      caller: "anonymous",
      resource,
      result,
    });
    await controlPlane.write([refused]);
    await eventually(() => alertOf(alert, resource)).toMatchObject({ severity, state: "open" });
  });

  it("tell of gateways that could not write the trail", async () => {
    const decision = decisionOf();
    const outcome = outcomeOf(decision, { outcome: "failed", status: 503, code: "audit_unavailable" });
    await new BlockWriter(nats, "refusing").write([decision, outcome]);
    await eventually(() => alertOf("audit_unavailable")).toMatchObject({ severity: "critical", state: "open" });
  });
});

describe("a channel that is away", () => {
  it("gets everything after core was killed and started again, under the same id", async () => {
    hooks.answer(503);
    await new BlockWriter(nats, "killed").write([decisionOf()], { previous: "ef".repeat(32) });
    const attempts = () => hooks.received.filter(({ notice }) => notice.data.subject === "writer killed");
    await eventually(attempts).not.toHaveLength(0);
    await core[Symbol.asyncDispose]();
    const { program } = await startCoreProcess(ground);
    await program.stop("SIGKILL");
    await sql("update alert_deliveries set next_attempt_at = now()"); // what it held when it was killed is held no more
    const before = attempts().length;
    hooks.answer(200);
    core = await TestCore.start(ground);
    await eventually(() => attempts().length).toBeGreaterThan(before);
    expect(new Set(attempts().map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const open = "select count(*)::int as waiting from alert_deliveries where delivered_at is null and dead_at is null";
    await eventually(async () => (await sql(open))[0]?.waiting).toBe(0);
  });
});

describe("writers that somebody makes up", () => {
  it("get some alerts, and one that says where to read of all of them", async () => {
    for (let n = 0; n < 30; n++)
      await new BlockWriter(nats, `made-up-${n}`).write([decisionOf()], { previous: "12".repeat(32) });
    await eventually(() => alertOf("audit_verification_failed", "and others")).toMatchObject({
      severity: "critical",
      message: expect.stringContaining("GET /admin/audit/faults has all of them"),
    });
    const faults = async () => (await core.ask("GET /admin/audit/faults?limit=50", { token: people.ann })).body.faults;
    const isMadeUp = ({ writer }: { writer: string }) => writer.startsWith("made-up-");
    await eventually(async () => (await faults()).filter(isMadeUp).length).toBe(30);
    await eventually(async () => (await recorded("audit.chain_broken")).length).toBeGreaterThanOrEqual(30);
    const opened = (await alerts()).filter(({ rule }) => rule === "audit_verification_failed");
    expect(opened.length).toBeLessThanOrEqual(12);
  });
});
