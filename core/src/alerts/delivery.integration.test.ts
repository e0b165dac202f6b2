import type { AlertNotice } from "@vivified/contracts";
import { createLogger, Secret, systemClock } from "@vivified/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { atomicallyOn } from "../database/atomically.ts";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import type { AlertChannel } from "./alert-channel.ts";
import type { AlertDelivery } from "./alert-store.ts";
import { type ChannelSettings, openChannels } from "./channels/open-channels.ts";
import { deliverNotices } from "./deliver-notices.ts";
import type { Finding } from "./finding.ts";
import { raiseAlert } from "./raise-alert.ts";
import { openHookReceiver, openMailReceiver } from "./receivers.fixtures.ts";
import { startDelivery } from "./start-delivery.ts";
import { startRules } from "./start-rules.ts";
import { watchRule } from "./watch-rule.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let db: Database["db"];
let now = new Date("2026-11-26T12:00:00Z");
const clock = { ...systemClock, now: () => now };
const logger = createLogger({ process: "test", level: "silent" });

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
beforeEach(async () => {
  ({ db } = stack.use(await migratedDatabase({ postgres })));
  now = new Date();
});
afterAll(() => stack.disposeAsync());

const finding: Finding = {
  rule: "login_lockout",
  subject: "logins",
  severity: "medium",
  message: "Too many",
  evidenceAt: new Date("2026-11-26T11:00:00Z"),
};
const by = {
  caller: "core",
  trace: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true },
};
const base = () => ({ stores: storesOf(db), atomically: atomicallyOn(db, () => undefined), clock, logger });
const raise = (changes: Partial<Finding> = {}) =>
  base().atomically((stores) => raiseAlert({ ...finding, ...changes }, { by, at: now, repeatMs: 60_000 }, stores));
const list = () => storesOf(db).alerts.list({});
const waiting = () =>
  db
    .selectFrom("alert_deliveries")
    .selectAll()
    .where("delivered_at", "is", null)
    .where("dead_at", "is", null)
    .execute();

const settings = (changes: Partial<ChannelSettings>): ChannelSettings => ({
  alertMailTo: ["duty@example.org"],
  alertMailFrom: "vivified@example.org",
  alertWebhookSecret: new Secret(`whsec_${Buffer.alloc(24, 1).toString("base64")}`),
  insecureAlertChannels: true,
  ...changes,
});
const channelsOf = (changes: Partial<ChannelSettings>) => openChannels(settings(changes), { clock, stack });
const deliver = async (changes: Partial<ChannelSettings>) =>
  deliverNotices({ ...base(), channels: await channelsOf(changes), deadAfterMs: 50_000 });

describe("an alert", () => {
  it("is opened once, repeated within bounds and no more than 24 times", async () => {
    for (let minute = 0; minute < 40; minute += 1) {
      await raise({ evidenceAt: now });
      await raise({ evidenceAt: new Date(now.getTime() + 1) });
      now = new Date(now.getTime() + 61_000);
    }
    expect(await list()).toMatchObject([{ told: 24, state: "open" }]);
    const notices = await db.selectFrom("alert_notices").select("notice").execute();
    expect(notices.map(({ notice }) => (notice as AlertNotice).type)).toEqual([
      "alert.opened",
      ...Array(23).fill("alert.repeated"),
    ]);
  });

  it("is opened once by two processes at the same time", async () => {
    await Promise.all(Array.from({ length: 8 }, () => raise()));
    expect(await list()).toHaveLength(1);
    expect(await db.selectFrom("alert_notices").selectAll().execute()).toHaveLength(1);
  });

  it("ends when its rule finds nothing for long enough, and old evidence opens no other", async () => {
    let found: Finding[] = [{ ...finding, evidenceAt: now }];
    const rule = { name: "login_lockout", look: async () => found, ends: 60_000 } as const;
    const watch = () => watchRule(rule, { ...base(), repeatMs: 60_000 });
    await watch();
    const [evidence] = found;
    found = [];
    await watch();
    expect(await list()).toMatchObject([{ state: "open" }]);
    now = new Date(now.getTime() + 60_000);
    await watch();
    expect(await list()).toMatchObject([{ state: "resolved", resolved_at: now.toISOString() }]);
    if (evidence !== undefined) found = [evidence];
    await watch();
    expect(await list()).toHaveLength(1);
    found = [{ ...finding, evidenceAt: now }];
    await watch();
    expect(await list()).toMatchObject([{ state: "open" }, { state: "resolved" }]);
  });

  it("that only a person ends hides nothing that came until then: what is newer than it told opens another", async () => {
    let found: Finding[] = [{ ...finding, evidenceAt: now }];
    const rule = { name: "login_lockout", look: async () => found, ends: "acknowledged" } as const;
    const watch = () => watchRule(rule, { ...base(), repeatMs: 60_000 });
    await watch();
    const [{ id = "" } = {}] = await list();
    now = new Date(now.getTime() + 5_000);
    found = [{ ...finding, evidenceAt: now }];
    await storesOf(db).alerts.acknowledge(id, { at: now, by: "ann", note: "seen" });
    await watch();
    await watch();
    expect(await list()).toMatchObject([
      { state: "open", told: 1 },
      { id, state: "resolved" },
    ]);
    await watch();
    expect(await list()).toHaveLength(2);
  });

  it.each([
    ["ended", 0],
    ["goes on", 60_000],
  ])(
    "by a clock that was a year ahead, which %s, keeps nothing from being told once the clock is right",
    async (_, ends) => {
      const right = now;
      now = new Date(right.getTime() + 365 * 24 * 3_600_000);
      let found: Finding[] = [{ ...finding, evidenceAt: now }];
      const watch = () =>
        watchRule({ name: "login_lockout", look: async () => found, ends }, { ...base(), repeatMs: 60_000 });
      const told = async () => (await db.selectFrom("alert_notices").selectAll().execute()).length;
      await watch();
      if (ends === 0) {
        found = [];
        await watch();
      }
      const before = await told();
      now = new Date(right.getTime() + 10_000);
      found = [{ ...finding, evidenceAt: now }];
      await watch();
      expect(await told()).toBe(before + 1);
      await watch();
      expect(await told()).toBe(before + 1);
      expect((await list())[0]).toMatchObject({ state: "open", evidence_at: now.toISOString() });
      now = new Date(now.getTime() + ends);
      found = [];
      await watch();
      expect((await list()).filter(({ state }) => state === "open")).toEqual([]);
    },
  );

  it("of others' choice is opened although an earlier one was by a clock that was a year ahead", async () => {
    const right = now;
    now = new Date(right.getTime() + 365 * 24 * 3_600_000);
    let found: Finding[] = [{ ...finding, anyName: true, evidenceAt: now }];
    const watch = () =>
      watchRule({ name: "login_lockout", look: async () => found, ends: 0 }, { ...base(), repeatMs: 60_000 });
    await watch();
    found = [];
    await watch();
    now = new Date(right.getTime() + 10_000);
    found = [{ ...finding, anyName: true, evidenceAt: now }];
    await watch();
    expect(await list()).toMatchObject([{ state: "open" }, { state: "resolved" }]);
  });

  it("does not end because its rule fails", async () => {
    await raise();
    const broken = { name: "login_lockout", look: () => Promise.reject(new Error("away")), ends: 0 } as const;
    await expect(watchRule(broken, { ...base(), repeatMs: 60_000 })).rejects.toThrow("away");
    expect(await list()).toMatchObject([{ state: "open" }]);
  });
});

describe("rules", () => {
  it("do not wait for one that fails or gets no answer, and whoever lasts that way is told", async () => {
    const { promise: never, reject } = Promise.withResolvers<never>();
    const told = (rule: "ingest_late" | "checkpoint_late") => ({ ...finding, rule });
    let fails = true;
    const hanging = { name: "denials_spike", look: () => never, ends: 0 } as const;
    const look = async () => (fails ? Promise.reject(new Error("away")) : [told("ingest_late")]);
    const failing = { name: "ingest_late", look, ends: 0 } as const;
    const sound = { name: "checkpoint_late", look: async () => [told("checkpoint_late")], ends: 0 } as const;
    await using own = new AsyncDisposableStack();
    now = systemClock.now();
    const running = { ...base(), clock: systemClock, repeatMs: 60_000, everyMs: 20, lateMs: 1_200 };
    startRules({ ...running, rules: [hanging, failing, sound] }, own);
    const states = async () => (await list()).map(({ rule, subject, state }) => `${rule} ${subject} ${state}`).sort();
    const eventually = { timeout: 30_000 };
    await expect.poll(states, eventually).toContain("checkpoint_late logins open");
    await expect.poll(states, eventually).toContain("alert_rule_failing denials_spike open");
    await expect.poll(states, eventually).toContain("alert_rule_failing ingest_late open");
    fails = false;
    await expect.poll(states, eventually).toContain("ingest_late logins open");
    await expect.poll(states, eventually).toContain("alert_rule_failing ingest_late resolved");
    expect(await states()).toContain("alert_rule_failing denials_spike open");
    reject(new Error("too late"));
  }, 120_000);
});

describe("subjects that others name", () => {
  const rounds = (n: number, size: number) =>
    Array.from({ length: size }, (_, m) => ({
      ...finding,
      subject: `writer ${n}.${m}`,
      evidenceAt: new Date(now.getTime() - m),
      anyName: true,
    }));
  let found: readonly Finding[] = [];
  const rule = { name: "login_lockout", look: async () => found, ends: "acknowledged", all: "GET /faults" } as const;
  const watch = () => watchRule(rule, { ...base(), repeatMs: 3_600_000 });
  const notices = () => db.selectFrom("alert_notices").selectAll().execute();
  const later = (ms: number) => {
    now = new Date(now.getTime() + ms);
  };
  const acknowledgeAll = async () => {
    for (const { id } of await list()) await storesOf(db).alerts.acknowledge(id, { at: now, by: "ann", note: "seen" });
  };

  it("get ten alerts an hour and one for the rest, however many there are and however they change", async () => {
    found = rounds(0, 300);
    await watch();
    expect(await list()).toHaveLength(11);
    expect((await list()).find(({ subject }) => subject === "and others")).toMatchObject({
      message: "290 more at least, which are not told one by one: GET /faults has all of them",
      labels: { more: "290" },
      evidence_at: new Date(now.getTime() - 10).toISOString(),
    });
    later(60_000);
    found = [...found, ...rounds(0.5, 1)];
    await watch();
    const others = (await list()).find(({ subject }) => subject === "and others");
    expect(others).toMatchObject({ labels: { more: "291" }, evidence_at: now.toISOString() });
    for (let round = 1; round < 30; round++) {
      later(60_000);
      found = rounds(round, 20);
      await watch();
    }
    expect(await list()).toHaveLength(11);
    expect(await notices()).toHaveLength(11);
  });

  it("leave room for what core itself names, and are not told again once somebody has seen that there were many", async () => {
    found = rounds(0, 300);
    await watch();
    await acknowledgeAll();
    later(4_000_000);
    found = [...found, { ...finding, subject: "audit log", evidenceAt: now }];
    await watch();
    await watch();
    const open = (await list()).filter(({ state }) => state === "open").map(({ subject }) => subject);
    expect(open).toEqual(["audit log"]);
    found = [{ ...finding, subject: "writer new", evidenceAt: now, anyName: true }];
    await watch();
    expect(await list()).toMatchObject([
      { subject: "writer new", state: "open" },
      { subject: "audit log" },
      ...Array(11).fill({}),
    ]);
  });

  it("have an alert of the rest that ends an hour after the last of them, where the rule's end by themselves", async () => {
    const soon = { ...rule, ends: 0 } as const;
    const watchSoon = () => watchRule(soon, { ...base(), repeatMs: 3_600_000 });
    found = rounds(0, 12);
    await watchSoon();
    found = [];
    await watchSoon();
    const open = async () => (await list()).filter(({ state }) => state === "open").map(({ subject }) => subject);
    expect(await open()).toEqual(["and others"]);
    later(3_600_000);
    await watchSoon();
    expect(await open()).toEqual([]);
  });
});

describe("delivery", () => {
  it("waits for a webhook that answers no, follows no redirect, and ends with a 2xx", async () => {
    await using hooks = await openHookReceiver();
    const channel = { alertWebhookUrl: `http://127.0.0.1:${hooks.port}/` };
    await raise();
    for (const [status, code] of [
      [500, "http_500"],
      [307, "http_307"],
      [429, "http_429"],
    ] as const) {
      hooks.answer(status);
      await deliver(channel);
      expect(await waiting()).toMatchObject([{ last_code: code }]);
      await db
        .updateTable("alert_deliveries")
        .set({ next_attempt_at: new Date(0) })
        .execute();
    }
    hooks.answer(202);
    await deliver(channel);
    expect(await waiting()).toEqual([]);
    expect(new Set(hooks.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(hooks.received).toHaveLength(4);
  });

  it("is not held up by another channel that is away, and never sent twice at a time", async () => {
    await using mail = await openMailReceiver();
    await raise();
    const away = { alertMailUrl: `smtp://127.0.0.1:${mail.port}`, alertWebhookUrl: "http://127.0.0.1:1/" };
    await Promise.all([deliver(away), deliver(away)]);
    expect(mail.received).toHaveLength(1);
    expect(await waiting()).toMatchObject([{ channel: "webhook", last_code: "unreachable", attempts: 1 }]);
  });

  it("of what comes later does not wait for a channel that never answers", async () => {
    const sent: string[] = [];
    const { promise: never, resolve } = Promise.withResolvers<void>();
    const mail = { name: "mail", send: () => never } as const;
    const send = async ({ notice }: AlertDelivery) => void sent.push(notice.data.subject);
    const channels: readonly AlertChannel[] = [mail, { name: "webhook", send }];
    await using own = new AsyncDisposableStack();
    own.defer(resolve);
    const wake = startDelivery({ ...base(), channels, deadAfterMs: 50_000 }, own);
    await raise();
    wake();
    await expect.poll(() => sent, { timeout: 10_000 }).toEqual(["logins"]);
    await raise({ subject: "later" });
    wake();
    await expect.poll(() => sent, { timeout: 10_000 }).toEqual(["logins", "later"]);
    resolve();
  });

  it("is given up after its time, which is an alert of its own", async () => {
    await raise();
    const away = { alertWebhookUrl: "http://127.0.0.1:1/" };
    now = new Date(now.getTime() + 60_000);
    await deliver(away);
    expect(await list()).toMatchObject([{ rule: "alert_undelivered", subject: "webhook" }, { rule: "login_lockout" }]);
  });

  it("is tried later, holds up nothing behind it, and is given up, also when its channel breaks", async () => {
    const sent: string[] = [];
    const breaking: AlertChannel = {
      name: "webhook",
      send: async ({ notice }) => {
        sent.push(notice.data.subject);
        if (sent.length % 2 === 1) throw new TypeError("not a function");
      },
    };
    const deliverBreaking = () => deliverNotices({ ...base(), channels: [breaking], deadAfterMs: 50_000 });
    await raise();
    await raise({ subject: "others" });
    await deliverBreaking();
    expect(sent).toEqual(["logins", "others"]);
    expect(await waiting()).toMatchObject([{ last_code: "broken", attempts: 1 }]);
    now = new Date(now.getTime() + 60_000);
    await db
      .updateTable("alert_deliveries")
      .set({ next_attempt_at: new Date(0) })
      .execute();
    await deliverBreaking();
    expect(await list()).toMatchObject([{ rule: "alert_undelivered", subject: "webhook" }, {}, {}]);
  });

  it("refuses a mail server without TLS, and says which recipient it would not take", async () => {
    await using plain = await openMailReceiver();
    await raise();
    const url = { alertMailUrl: `smtp://127.0.0.1:${plain.port}` };
    await deliver({ ...url, insecureAlertChannels: false });
    expect(plain.received).toEqual([]);
    expect(await waiting()).toMatchObject([{ channel: "mail", attempts: 1 }]);
    await using picky = await openMailReceiver(undefined, "gone@example.org");
    await db
      .updateTable("alert_deliveries")
      .set({ next_attempt_at: new Date(0) })
      .execute();
    const alertMailTo = ["duty@example.org", "gone@example.org"];
    await deliver({ alertMailUrl: `smtp://127.0.0.1:${picky.port}`, alertMailTo });
    expect(await waiting()).toMatchObject([{ last_code: "recipient_refused" }]);
  });
});

describe("the settings of channels", () => {
  it.each<[string, Partial<ChannelSettings>]>([
    ["ALERT_MAIL_URL", { alertMailUrl: "http://mail" }],
    ["ALERT_MAIL_URL", { alertMailUrl: "smtp://me:secret@mail" }],
    ["ALERT_MAIL_TO", { alertMailUrl: "smtps://mail", alertMailTo: [] }],
    ["ALERT_MAIL_FROM", { alertMailUrl: "smtps://mail", alertMailFrom: "Vivified <v@example.org>" }],
    ["ALERT_MAIL_USER", { alertMailUrl: "smtps://mail", alertMailUser: "me" }],
    ["ALERT_WEBHOOK_URL", { alertWebhookUrl: "http://hook", insecureAlertChannels: false }],
    ["ALERT_WEBHOOK_SECRET", { alertWebhookUrl: "https://hook", alertWebhookSecret: new Secret("whsec_c2hvcnQ=") }],
  ])("are refused for %s", async (name, changes) => {
    await expect(channelsOf(changes)).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringContaining(name),
    });
  });
});
