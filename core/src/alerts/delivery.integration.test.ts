import type { AlertNotice } from "@vivified/contracts";
import { createLogger, Secret, systemClock } from "@vivified/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { atomicallyOn } from "../database/atomically.ts";
import { migrate } from "../database/migrate.ts";
import { Database } from "../database/open-database.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import type { AlertChannel } from "./alert-channel.ts";
import { type ChannelSettings, openChannels } from "./channels/open-channels.ts";
import { deliverNotices } from "./deliver-notices.ts";
import type { Finding } from "./finding.ts";
import { raiseAlert } from "./raise-alert.ts";
import { openHookReceiver, openMailReceiver } from "./receivers.fixtures.ts";
import { type WatchRulesDeps, watchRules } from "./watch-rules.ts";

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
  ({ db } = stack.use(new Database({ url: await postgres.createDatabase(), logger })));
  await migrate(db);
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
    const rules: WatchRulesDeps["rules"] = [{ name: "login_lockout", look: async () => found, ends: 60_000 }];
    const watch = () => watchRules({ ...base(), rules, repeatMs: 60_000 });
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

  it("does not end because its rule fails, and a rule that fails stops no other", async () => {
    await raise();
    const broken = { name: "login_lockout", look: () => Promise.reject(new Error("away")), ends: 0 } as const;
    const sound = {
      name: "checkpoint_late",
      look: async () => [{ ...finding, rule: "checkpoint_late" } as const],
      ends: 0,
    } as const;
    await watchRules({ ...base(), rules: [broken, sound], repeatMs: 60_000 });
    expect((await list()).map(({ rule, state }) => [rule, state])).toEqual([
      ["checkpoint_late", "open"],
      ["login_lockout", "open"],
    ]);
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
