import { isJsonObject, type JsonObject, type RunningPlugin, StartError, startPlugin } from "@vivified/sdk";
import { callOperation, type LaneStandIn, openLaneStandIn, problem } from "@vivified/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EmailGatewayConfig } from "./config.ts";
import { emailGateway } from "./plugin.ts";

const settings = { mail_url: "smtp://mail.demo.example:2525", from_address: "platform@demo.example" };
const mail = { to: "ada@demo.example", subject: "Hello", body: "How are you?" };
const welcome = { to: "ada@demo.example", template: "welcome", variables: { name: "Ada <3" } };

let lane: LaneStandIn;
let plugin: RunningPlugin<EmailGatewayConfig>;

beforeEach(async () => {
  lane = await openLaneStandIn();
  plugin = await start(settings);
});

afterEach(async () => {
  await plugin[Symbol.asyncDispose]();
  await lane[Symbol.asyncDispose]();
});

describe("send_email", () => {
  it("sends over the egress lane, says so and counts it", async () => {
    const reply = await send(mail);
    expect(reply).toEqual({ status: 200, body: { status: "sent", email_id: expect.any(String) } });
    expect(sentMails()).toEqual([
      {
        url: settings.mail_url,
        method: "SEND",
        body: {
          from: settings.from_address,
          to: [mail.to],
          subject: mail.subject,
          text: mail.body,
          headers: { "X-Email-Id": expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      },
    ]);
    expect(lane.published("EmailSent")).toMatchObject([{ recipient: mail.to, email_id: expect.any(String) }]);
    expect(await metrics()).toContain("emails_sent_count 1");
  });

  it("fills a template", async () => {
    await send(welcome);
    expect(sentMails()).toMatchObject([
      { body: { subject: "Welcome, Ada <3", html: expect.stringContaining("Ada &lt;3") } },
    ]);
  });

  it("sends one mail per key, also when asked twice at once", async () => {
    const keyed = { ...mail, idempotency_key: "welcome:u-1" };
    const replies = [...(await Promise.all([send(keyed), send(keyed)])), await send(keyed)].map(({ body }) => body);
    const statuses = replies.map((body) => (isJsonObject(body) ? body.status : undefined));
    expect(statuses.toSorted()).toEqual(["sent", "skipped", "skipped"]);
    expect(new Set(replies.map((body) => (isJsonObject(body) ? body.email_id : undefined))).size).toBe(1);
    expect(sentMails()).toHaveLength(1);
  });

  it("keeps the keys of two callers apart", async () => {
    const keyed = { ...mail, idempotency_key: "k" };
    await send(keyed, "workflow-orchestrator");
    expect(await send(keyed, "newsletter")).toMatchObject({ body: { status: "sent" } });
  });

  it("tries again with the same key after a failure", async () => {
    const keyed = { ...mail, idempotency_key: "k" };
    lane.answer("POST /proxy", () => problem({ status: 502, code: "upstream_failed", retryable: true }));
    expect(await send(keyed)).toEqual({ status: 500, body: { error: "internal" } });
    lane.answer("POST /proxy", () => undefined);
    expect(await send(keyed)).toMatchObject({ body: { status: "sent" } });
    expect(lane.published("EmailFailed")).toMatchObject([{ recipient: mail.to, reason: "upstream_failed" }]);
    expect(await metrics()).toContain("emails_failed_count 1");
  });

  it("refuses what the platform will never let out", async () => {
    lane.answer("POST /proxy", () => problem({ status: 403, code: "denied", retryable: false }));
    expect(await send(mail)).toMatchObject({ status: 403, body: { error: "denied" } });
    expect(lane.published("EmailFailed")).toHaveLength(1);
  });

  it("counts a mail as sent when only the server's answer is withheld", async () => {
    lane.answer("POST /proxy", () =>
      problem({ status: 403, code: "reply_withheld", retryable: false, executed: true }),
    );
    expect(await send(mail)).toMatchObject({ status: 200, body: { status: "sent" } });
  });

  it("answers the caller although the event cannot be published", async () => {
    lane.answer("POST /events/publish", () => problem({ status: 503, code: "events_unavailable", retryable: true }));
    expect(await send(mail)).toMatchObject({ status: 200, body: { status: "sent" } });
  });

  it.each<[string, JsonObject]>([
    ["no recipient", { subject: "a", body: "b" }],
    ["a redacted recipient", { ...mail, to: "REDACTED" }],
    ["two recipients", { ...mail, to: "a@demo.example,b@demo.example" }],
    ["no text", { to: mail.to, subject: "a" }],
    ["a subject of two lines", { ...mail, subject: "a\r\nBcc: eve@demo.example" }],
    ["an unknown template", { ...welcome, template: "__proto__" }],
    ["a template without its variables", { to: mail.to, template: "welcome" }],
    ["template and text", { ...welcome, ...mail }],
    ["variables that are no strings", { ...welcome, variables: { name: { first: "Ada" } } }],
    ["a key that is no text", { ...mail, idempotency_key: 7 }],
  ])("refuses %s and sends nothing", async (_what, payload) => {
    expect(await send(payload)).toMatchObject({ status: 422, body: { error: "invalid" } });
    expect(sentMails()).toEqual([]);
  });
});

describe("the contract's operations", () => {
  it("send_message sends a plain mail", async () => {
    const payload = { recipient: mail.to, text: "Hi" };
    const message = { operation: "send_message", path: "/operations/send_message", payload };
    expect(await callOperation(lane, under(), message)).toMatchObject({ body: { status: "sent" } });
    expect(sentMails()).toMatchObject([{ body: { to: [mail.to], text: "Hi" } }]);
  });

  it("receive_messages has none", async () => {
    const receive = { operation: "receive_messages", path: "/operations/receive_messages", payload: {} };
    expect(await callOperation(lane, under(), receive)).toEqual({ status: 200, body: { messages: [] } });
  });
});

describe("its settings", () => {
  it("are all checked before it starts", async () => {
    const faults = await start({ mail_url: "http://mail", colour: "red" }).catch((error: unknown) => error);
    expect(faults).toBeInstanceOf(StartError);
    expect((faults as StartError).faults).toEqual([
      "/colour: is not a setting",
      "/mail_url: must be a URL with smtp: or smtps:",
      "/from_address: must be given",
    ]);
  });
});

function start(config: Record<string, string>) {
  const environment = { laneUrl: lane.url, port: 0, trustDomain: "vivified.local", writeLog: () => {} };
  return startPlugin(emailGateway(), { ...environment, settings: config });
}

function under() {
  return { id: "email-gateway", port: plugin.port };
}

function send(payload: JsonObject, caller = "workflow-orchestrator") {
  const from = `spiffe://vivified.local/plugin/${caller}`;
  return callOperation(lane, under(), {
    operation: "send_email",
    path: "/operations/send_email",
    payload,
    caller: from,
  });
}

function sentMails() {
  return lane.requests("POST /proxy").map(({ body }) => body);
}

async function metrics(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${plugin.port}/metrics`)).text();
}
