import { type Answer, knockOn, names } from "@vivified/cli";
import type { JsonObject } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, decision, done, openDevEnv, rules } from "../src/index.ts";

type Reply = { status: number; headers: Record<string, string>; body: string };

/** `newsletter` is hostile: it holds what a plugin holds, a lane and nothing else, and sends what it likes. */
describe("a hostile plugin", () => {
  let env: DevEnv;

  beforeAll(async () => {
    env = await openDevEnv();
  });
  afterAll(() => env?.[Symbol.asyncDispose]());

  const obey = (order: JsonObject & { do: string }): Promise<Answer> => env.newsletter.obey(order);

  async function raw(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = json,
  ): Promise<Reply> {
    const { ok, error } = await obey({ do: "raw", method, path, headers, ...(body === undefined ? {} : { body }) });
    if (error !== undefined) throw new Error(error.message);
    return ok as unknown as Reply;
  }

  async function rulesOf({ body }: Reply): Promise<string[]> {
    const { trace_id } = JSON.parse(body) as { trace_id: string };
    return rules(await decision(env.platform, { trace_id, effect: "deny" }));
  }

  describe("on the events lane", () => {
    const publish = (event: JsonObject, headers?: Record<string, string>) =>
      raw("POST", "/events/publish", JSON.stringify(event), { ...json, ...headers });

    it("cannot publish as another plugin, nor as core", async () => {
      for (const source_plugin of ["workflow-orchestrator", "core", "nobody"]) {
        const reply = await publish({ event_type: "OnboardingCompleted", payload: { user_id: "u" }, source_plugin });
        expect(problem(reply)).toMatchObject({ status: 403, code: "source_mismatch" });
        expect(await rulesOf(reply)).toEqual(["events.source_forged"]);
      }
    });

    it("cannot name itself another in a header", async () => {
      const event = { event_type: "PatientDataUpdated", payload: { patient_id: "p" }, source_plugin: "newsletter" };
      const reply = await publish(event, { "x-plugin-id": "workflow-orchestrator" });
      expect(problem(reply)).toMatchObject({ status: 403, code: "source_mismatch" });
    });

    it("cannot publish health data, whatever it calls it", async () => {
      const payload = { patient_id: "p-1", diagnosis: "D" };
      const { error } = await obey({ do: "publish", type: "PatientDataUpdated", payload, traits: [] });
      expect(error).toMatchObject({ status: 403, code: "denied" });
      expect(error?.reasons?.map(({ rule }) => rule)).toContain("events.publisher_trait");
    });

    it("cannot publish what it was not granted, nor a type that does not exist", async () => {
      const ungranted = await publish({
        event_type: "EmailSent",
        payload: { email_id: "e", recipient: "r@x.example" },
        source_plugin: "newsletter",
      });
      expect(problem(ungranted)).toMatchObject({ status: 403, code: "denied" });
      const unknown = await publish({ event_type: "NoSuchThing", payload: {}, source_plugin: "newsletter" });
      expect(problem(unknown)).toMatchObject({ status: 403, code: "denied" });
    });

    it("cannot smuggle anything into a subject", async () => {
      for (const event_type of ["UserCreated.>", "*", "A b", "../x", "$JS.API.STREAM.DELETE.AUDIT_EVENTS"]) {
        const reply = await publish({ event_type, payload: {}, source_plugin: "newsletter" });
        expect(problem(reply)).toMatchObject({ status: 422, code: "invalid" });
      }
    });
  });

  describe("on the rpc lane", () => {
    it("learns nothing about what it may not call", async () => {
      const paths = ["email-gateway/send_email", "email-gateway/nothing", "payroll/pay", "core/anything"];
      const replies = await Promise.all(paths.map((path) => raw("POST", `/gateway/${path}`, "{}")));
      const told = replies.map(({ status, body }) => ({ status, ...withoutIds(body) }));
      expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
      expect(told[0]).toMatchObject({ status: 404, code: "not_found" });
      expect(await Promise.all(replies.slice(0, 2).map(rulesOf))).toEqual([
        ["rpc.caller_trait", "rpc.not_granted"],
        ["rpc.unknown_operation"],
      ]);
    });

    it("cannot speak for another by a header that only the platform sets", async () => {
      const { user, traceId } = await createUser(env.platform);
      await done(env.platform, { trace_id: traceId, action: "deliver", target: "user-management" });
      const spoofed = {
        ...json,
        "x-vivified-caller": "spiffe://vivified.local/core",
        "x-caller-plugin": "workflow-orchestrator",
        "x-forwarded-client-cert": 'By=x;URI="spiffe://vivified.local/plugin/workflow-orchestrator"',
        "x-envoy-original-path": "/admin/users",
      };
      const reply = await raw(
        "POST",
        "/gateway/user-management/get_user",
        JSON.stringify({ user_id: user.id }),
        spoofed,
      );
      expect(JSON.parse(reply.body)).toMatchObject({ email: "REDACTED", full_name: "REDACTED" });
    });
  });

  describe("on the egress lane", () => {
    const denied = (url: string, rest: JsonObject = {}) =>
      obey({ do: "proxy", url, ...rest }).then(({ error }) => error);

    it("reaches no destination that was not granted, and its name is never looked up", async () => {
      expect(await denied("https://collector.elsewhere.example/")).toMatchObject({ status: 403, code: "denied" });
      expect(await denied(`https://${names.intranet}:8443/`)).toMatchObject({ status: 403, code: "denied" });
      expect(env.world.names.asked).not.toContain("collector.elsewhere.example");
    });

    it("reaches no private address, however it is named", async () => {
      expect(await denied(`https://${names.intranet}/`)).toMatchObject({ status: 403, code: "unsafe_address" });
      const api = new URL(env.platform.apiUrl);
      for (const host of ["127.0.0.1", "[::1]", "0x7f.1", "2130706433", "localhost", "169.254.169.254"]) {
        const error = await denied(`https://${host}:${api.port}/admin/users`);
        expect(error?.status).toBeOneOf([403, 422]);
      }
    });

    it("reaches no service of others' grants", async () => {
      const { preferences } = env.world;
      const error = await denied(`http://${names.preferences}:${preferences.port}/v1/preferences`, {
        method: "POST",
        body: {},
      });
      expect(error).toMatchObject({ status: 403, code: "denied" });
      const plugins = preferences.requests.map(({ headers }) => headers["x-proxy-plugin"]);
      expect(plugins.filter((plugin) => plugin !== "workflow-orchestrator")).toEqual([]);
    });

    it("sends no mail", async () => {
      const body = { from: "a@x.example", to: ["b@x.example"], subject: "s", text: "t" };
      const order = { url: `smtp://${names.mail}:${env.world.mail.port}`, method: "SEND", body };
      expect(await denied(order.url, order)).toMatchObject({ status: 403, code: "denied" });
    });
  });

  describe("with bodies that are wrong", () => {
    const path = "/gateway/user-management/get_user";

    it.each([
      ["no JSON", '{"user_id":', 400, "malformed"],
      ["a key twice", '{"user_id":"a","user_id":"b"}', 400, "duplicate_key"],
      ["a key twice, written differently", '{"user_id":"a","\\u0075ser_id":"b"}', 400, "duplicate_key"],
      ["a prototype key", '{"user_id":"a","__proto__":{"admin":true}}', 400, "malformed"],
      ["a number that no double holds", '{"user_id":1e400}', 400, "number_out_of_range"],
      ["an integer beyond 2^53", '{"user_id":9007199254740993}', 400, "number_out_of_range"],
      ["a lone surrogate", '{"user_id":"\\ud800"}', 400, "malformed"],
      ["an array", "[]", 400, "malformed"],
      ["nothing", "", 400, "malformed"],
    ])("is refused %s", async (_what, body, status, code) => {
      expect(problem(await raw("POST", path, body))).toMatchObject({ status, code });
    });

    it("is refused JSON that is nested too deeply", async () => {
      const deep = `{"user_id":${"[".repeat(500)}${"]".repeat(500)}}`;
      expect(problem(await raw("POST", path, deep))).toMatchObject({ status: 400, code: "too_deep" });
    });

    it("is refused more than the lane takes", async () => {
      const reply = await raw("POST", path, JSON.stringify({ user_id: "x".repeat(3_000_000) }));
      expect(reply.status).toBe(413);
    });

    it("is refused another content type", async () => {
      const form = { "content-type": "application/x-www-form-urlencoded" };
      expect(problem(await raw("POST", path, "user_id=a", form))).toMatchObject({ status: 415 });
    });

    it("is refused fields that the schema does not know", async () => {
      const event = { event_type: "PatientDataUpdated", payload: {}, source_plugin: "newsletter", admin: true };
      expect(problem(await raw("POST", "/events/publish", JSON.stringify(event)))).toMatchObject({
        status: 422,
        code: "invalid",
      });
    });
  });

  describe("off its lanes", () => {
    it("finds nothing but the lanes at its Envoy", async () => {
      for (const path of [
        "/admin/users",
        "/v1/svid",
        "/metrics",
        "/openapi.json",
        "/gateway/../admin/users",
        "/%61dmin/users",
      ]) {
        expect((await raw("GET", path)).status).toBeOneOf([400, 404]);
      }
    });

    it.runIf(process.getuid?.() === 0)("has no route, no key and no power", async () => {
      const { platform } = env;
      expect(platform.isolation).toEqual({ mode: "namespaces" });
      const self = platform.plugins.get("newsletter");
      const { ok } = await obey({ do: "whoami" });
      expect(ok).toMatchObject({
        uid: self?.user,
        no_new_privs: "1",
        interfaces: { lo: expect.anything() },
      });
      const { caps, interfaces, routes } = ok as { caps: object; interfaces: object; routes: unknown };
      expect(new Set(Object.values(caps))).toEqual(new Set(["0000000000000000"]));
      expect({ interfaces: Object.keys(interfaces), routes }).toEqual({ interfaces: ["lo"], routes: [] });
      for (const plugin of platform.plugins.values()) {
        const ports = plugin.id === "newsletter" ? [plugin.ports.mesh] : Object.values(plugin.ports);
        for (const port of ports) expect(await obey({ do: "dial", host: "127.0.0.1", port })).toHaveProperty("error");
        const key = `${plugin.svidDirectory}/key.pem`;
        expect(await obey({ do: "read-file", path: key })).toMatchObject({ error: { code: "ENOENT" } });
      }
    });

    it.runIf(process.getuid?.() === 0)("sees no process, file or home of anybody else", async () => {
      const { ok } = await obey({ do: "list-dir", path: "/proc" });
      const processes = (ok as string[]).filter((name) => /^\d+$/.test(name));
      expect(processes.length).toBeLessThanOrEqual(3); // it, and the two that keep the sandbox
      for (const path of [env.platform.home.path, "/root", "/home", "/var", "/etc/shadow", "/proc/1/root", "/sys"]) {
        expect(await obey({ do: "list-dir", path })).toMatchObject({
          error: { code: expect.stringMatching(/^(ENOENT|EACCES)$/) },
        });
      }
      expect(await obey({ do: "list-dir", path: "/app/plugins" })).toMatchObject({ ok: ["newsletter"] });
    });

    it("is refused by another's Envoy even with its own SVID, which admits the gateway's", async () => {
      const other = env.platform.plugins.get("user-management");
      const self = env.platform.plugins.get("newsletter");
      const to = {
        meshPort: other?.ports.mesh ?? 0,
        expect: "spiffe://vivified.local/plugin/user-management",
        folder: env.platform.home.at("rogue-envoy"),
      };
      const refused = await knockOn({ ...to, svidDirectory: self?.svidDirectory ?? "" });
      expect(refused).toMatchObject({ admitted: false });
      const control = await knockOn({ ...to, svidDirectory: env.platform.home.at("gateway") });
      expect(control).toMatchObject({ admitted: true });
    });
  });
});

const json = { "content-type": "application/json" };

function problem({ status, headers, body }: Reply): Record<string, unknown> {
  expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
  return { status, ...(JSON.parse(body) as object) };
}

function withoutIds(body: string): Record<string, unknown> {
  const { decision_id: _decision, trace_id: _trace, ...rest } = JSON.parse(body) as Record<string, unknown>;
  return rest;
}
