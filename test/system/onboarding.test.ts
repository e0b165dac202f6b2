import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@vivified/cli";
import type { RecordPage } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, decision, decisions, done, type NewUser, openDevEnv, rules } from "../src/index.ts";

describe("onboarding a user", () => {
  let env: DevEnv;
  let created: NewUser;

  beforeAll(async () => {
    env = await openDevEnv();
    created = await createUser(env.platform);
  });
  afterAll(() => env?.[Symbol.asyncDispose]());

  it("begins with four plugins behind Envoys of their own, each with its own SVID", async () => {
    const { plugins } = env.platform;
    const names = await Promise.all(
      [...plugins.values()].map(async ({ svidDirectory }) => {
        const leaf = new X509Certificate(await readFile(join(svidDirectory, "chain.pem")));
        return leaf.subjectAltName;
      }),
    );
    const ids = ["email-gateway", "newsletter", "user-management", "workflow-orchestrator"];
    expect(names.sort()).toEqual(ids.map((id) => `URI:spiffe://vivified.local/plugin/${id}`));
  });

  it("publishes UserCreated as core, over the publish lane", async () => {
    const { platform } = env;
    const published = await done(
      platform,
      { trace_id: created.traceId, action: "publish" },
      { resource: "UserCreated" },
    );
    expect(published).toMatchObject({ caller: "core", effect: "allow", lane: "events" });
    expect(rules(published)).toEqual(["events.publish_granted"]);
  });

  it("delivers it to whom it concerns, each delivery a decision of its own", async () => {
    for (const target of ["user-management", "workflow-orchestrator"]) {
      const query = { trace_id: created.traceId, action: "deliver", target };
      const delivered = await done(env.platform, query, { resource: "UserCreated" });
      expect(delivered).toMatchObject({ caller: "core", effect: "allow" });
    }
  });

  it("does not deliver it to a subscriber without the trait, and keeps that denial", async () => {
    const query = { trace_id: created.traceId, action: "deliver", target: "newsletter" };
    const denied = await decision(env.platform, query);
    expect(denied.effect).toBe("deny");
    expect(rules(denied)).toContain("events.receiver_trait");
    expect(await env.newsletter.obey({ do: "received" })).toMatchObject({ ok: [] });
  });

  it("sends one welcome mail over real SMTP", async () => {
    const { user, traceId } = created;
    const sent = await done(env.platform, { trace_id: traceId, action: "connect", caller: "email-gateway" });
    expect(sent.resource).toBe(`smtp://mail.demo.example:${env.world.mail.port}`);
    const mine = env.world.mail.caught.filter(({ to }) => to.includes(user.email));
    expect(mine).toHaveLength(1);
    expect(mine[0]?.mail).toMatchObject({
      subject: "Welcome, Grace Hopper",
      text: expect.stringContaining("Hello Grace Hopper,"),
    });
  });

  it("shows the caller of an operation what its traits clear it for", async () => {
    const { user } = created;
    const call = { do: "call", plugin: "user-management", operation: "get_user", payload: { user_id: user.id } };
    const { ok, trace_id } = await env.newsletter.obey(call);
    const redacted = { username: "REDACTED", email: "REDACTED", full_name: "REDACTED" };
    expect(ok).toEqual({ user_id: user.id, ...redacted });
    const reply = await decision(env.platform, { trace_id, action: "reply" });
    expect(reply.effect).toBe("sanitize");
    expect(reply.obligations.map(({ path, action }) => `${action} ${path}`).sort()).toEqual([
      "redact /email",
      "redact /full_name",
      "redact /username",
    ]);
    const whole = await done(
      env.platform,
      { trace_id: created.traceId, action: "invoke" },
      { resource: "user-management.get_user_extended" },
    );
    expect(whole).toMatchObject({ caller: "workflow-orchestrator", effect: "allow" });
  });

  it("calls the preferences API outside, which took a grant that says insecure", async () => {
    const resource = `http://api.preferences.example:${env.world.preferences.port}`;
    await done(env.platform, { trace_id: created.traceId, action: "connect" }, { resource });
    const asked = async () => env.world.preferences.requests.find(({ body }) => body.includes(created.user.id));
    const request = await until("no request came", asked, { timeoutMs: 10_000 });
    expect(request).toMatchObject({ method: "POST", path: "/v1/preferences" });
    expect(request.headers["user-agent"]).toMatch(/^Vivified-Platform\//);
    expect(request.headers).not.toHaveProperty("authorization");
  });

  it("ends with OnboardingCompleted", async () => {
    const query = { trace_id: created.traceId, action: "publish" };
    const completed = await done(env.platform, query, { resource: "OnboardingCompleted" });
    expect(completed).toMatchObject({ caller: "workflow-orchestrator", effect: "allow" });
  });

  it("is one trace in the log, every decision of it with a reason", async () => {
    await done(env.platform, { trace_id: created.traceId, action: "deliver" }, { resource: "EmailSent" });
    const chain = await decisions(env.platform, { trace_id: created.traceId });
    const lanes = chain.filter(({ lane }) => lane !== "core");
    const steps = lanes.map(({ caller, action, resource }) => `${caller} ${action} ${resource.replace(/:\d+$/, "")}`);
    expect([...new Set(steps)].sort()).toMatchInlineSnapshot(`
      [
        "core deliver UserCreated",
        "core publish UserCreated",
        "email-gateway connect smtp://mail.demo.example",
        "email-gateway deliver EmailSent",
        "email-gateway publish EmailSent",
        "email-gateway return smtp://mail.demo.example",
        "workflow-orchestrator connect http://api.preferences.example",
        "workflow-orchestrator invoke email-gateway.send_email",
        "workflow-orchestrator invoke user-management.get_user_extended",
        "workflow-orchestrator publish OnboardingCompleted",
        "workflow-orchestrator reply email-gateway.send_email",
        "workflow-orchestrator reply user-management.get_user_extended",
        "workflow-orchestrator return http://api.preferences.example",
      ]
    `);
    expect(chain.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });

  it("says who the user is in no record and in no line of a log", async () => {
    const { email, full_name } = created.user;
    const { platform } = env;
    const kept = await platform.api.call<RecordPage>("GET", "/admin/decisions/records?limit=5000");
    const names = ["core", "gateway", "control-plane"];
    const logs = await Promise.all(names.map((name) => readFile(platform.home.at("logs", `${name}.log`), "utf8")));
    const lines = [...kept.records.map((record) => JSON.stringify(record)), ...logs.flatMap((log) => log.split("\n"))];
    expect(lines.some((line) => line.includes("user-management.get_user_extended"))).toBe(true);
    expect(lines.filter((line) => line.includes(email) || line.includes(full_name))).toEqual([]);
  });

  it("asks NATS for nothing that a process has no right to", async () => {
    const names = ["core", "gateway", "control-plane"];
    const logs = await Promise.all(names.map((name) => readFile(env.platform.home.at("logs", `${name}.log`), "utf8")));
    expect(
      logs
        .join("\n")
        .split("\n")
        .filter((line) => /permissions violation/i.test(line)),
    ).toEqual([]);
  });
});
