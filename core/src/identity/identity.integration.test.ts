import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { Kvm } from "@nats-io/kv";
import { buckets } from "@vivified/contracts";
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminPassword, eventually, type TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let token: string;

beforeAll(async () => {
  ({ ground, core, token } = stack.use(await openCoreSuite()));
});
afterAll(() => stack.disposeAsync());

const logIn = (username: string, password: string) => core.ask("POST /auth/login", { body: { username, password } });
const decisions = async (query: string) => (await core.ask(`GET /admin/decisions?${query}`, { token })).body.decisions;
const user = (username: string, more = {}) => ({
  username,
  email: `${username}@demo.example`,
  full_name: "Some Body",
  password: "a long enough password",
  ...more,
});
const create = (body: unknown) => core.ask("POST /admin/users", { token, body });

describe("login", () => {
  it("gives a token of fifteen minutes with a fixed algorithm, type, issuer and audience", async () => {
    const { body, headers } = await logIn("admin", adminPassword);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    expect(headers["cache-control"]).toBe("no-store");
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: "EdDSA", typ: "at+jwt" });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ iss: "spiffe://vivified.local/core", aud: "vivified-api", tenant_id: "default" });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
  });

  it("answers an unknown user like a wrong password, and records both", async () => {
    await create(user("known"));
    const wrong = await logIn("known", "not the password");
    const unknown = await logIn("unknown", "not the password");
    const { trace_id: _, ...same } = wrong.body;
    expect(unknown).toMatchObject({ status: 401, body: same });
    const records = await decisions("rule=identity.bad_credentials&limit=2");
    expect(records.map((one: { effect: string; action: string }) => [one.effect, one.action])).toEqual([
      ["deny", "login"],
      ["deny", "login"],
    ]);
    expect(JSON.stringify(records)).not.toContain('unknown"');
    const whole = await Promise.all(
      records.map(async (one: { decision_id: string }) =>
        core.ask(`GET /admin/decisions/${one.decision_id}`, { token }),
      ),
    );
    const labels = whole.map(({ body }) => body.labels);
    expect(labels.map(({ address }) => address)).toEqual(["127.0.0.1", "127.0.0.1"]);
    expect(labels[0].tried_name).toMatch(/^[0-9a-f]{64}$/);
    expect(labels[0].tried_name).not.toBe(labels[1].tried_name);
    expect(labels[0].digest_key).toBe(labels[1].digest_key);
    expect(JSON.stringify(whole)).not.toContain('unknown"');
  });

  it("refuses a user without a password", async () => {
    const { password: _, ...without } = user("passwordless");
    expect((await create(without)).status).toBe(201);
    expect((await logIn("passwordless", "")).status).toBe(422);
    expect((await logIn("passwordless", "anything")).status).toBe(401);
  });

  it("makes an account wait after ten failures, told how long, whether it exists or not", async () => {
    for (const name of ["throttled", "never-there"]) {
      for (let failure = 0; failure < 10; failure += 1) expect((await logIn(name, "wrong")).status).toBe(401);
      const waiting = await logIn(name, "wrong");
      expect(waiting).toMatchObject({ status: 429, body: { code: "rate_limited", retryable: true } });
      expect(Number(waiting.headers["retry-after"])).toBeGreaterThan(200);
    }
    expect((await decisions("rule=identity.login_throttled")).length).toBe(2);
  });

  it.each([
    ['{"username":"admin"}', 422],
    ['{"username":"admin","password":"x","mfa":1}', 422],
    ['{"username":"admin","username":"root","password":"x"}', 400],
    ['{"username":{"$ne":""},"password":"x"}', 422],
    ['{"__proto__":{},"username":"a","password":"x"}', 400],
    ["null", 422],
  ])("refuses the body %s", async (text, status) => {
    expect((await core.ask("POST /auth/login", { text })).status).toBe(status);
  });

  it("takes a name with NUL for an unknown one", async () => {
    expect((await logIn("a\u0000b", "x")).status).toBe(400);
  });
});

describe("an access token", () => {
  const refused = async (bearer: string) => {
    expect(await core.ask("GET /auth/me", { token: bearer })).toMatchObject({
      status: 401,
      body: { code: "unauthenticated" },
    });
  };
  const signed = (change: (jwt: SignJWT) => SignJWT, header = {}) => {
    const key = createPrivateKey(readFileSync(ground.env.VIVIFIED_CORE_TOKEN_KEY_FILE ?? ""));
    const { sub = "" } = decodeJwt(token);
    const jwt = new SignJWT({ tenant_id: "default" })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", ...header })
      .setIssuer("spiffe://vivified.local/core")
      .setAudience("vivified-api")
      .setSubject(sub)
      .setJti("1")
      .setIssuedAt()
      .setExpirationTime("5m");
    return change(jwt).sign(key);
  };

  it("is accepted when it is core's own", async () => {
    expect((await core.ask("GET /auth/me", { token: await signed((jwt) => jwt) })).status).toBe(200);
  });

  it("is refused when expired, for others, from others, too old, of another type, or for nobody", async () => {
    await refused(await signed((jwt) => jwt.setExpirationTime(Math.floor(Date.now() / 1000) - 5)));
    await refused(await signed((jwt) => jwt.setAudience("vivified-gateway")));
    await refused(await signed((jwt) => jwt.setIssuer("spiffe://vivified.local/gateway")));
    await refused(await signed((jwt) => jwt.setIssuedAt("1h ago")));
    await refused(await signed((jwt) => jwt, { typ: "vivified-call+jwt" }));
    await refused(await signed((jwt) => jwt.setSubject("018f0000-0000-7000-8000-000000000000")));
  });

  it("is refused unsigned, signed with a shared secret, altered, or absent", async () => {
    const claims = decodeJwt(token);
    await refused(new UnsecuredJWT(claims).encode());
    await refused(
      await new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt" }).sign(Buffer.from("k".repeat(32))),
    );
    await refused(`${token.slice(0, -4)}AAAA`);
    await refused("");
    expect((await core.ask("GET /auth/me")).status).toBe(401);
  });
});

describe("creating a user", () => {
  it("answers with the user, without the password, and records who did it", async () => {
    const { status, body } = await create(user("grace", { roles: ["auditor"], department: "Care" }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ username: "grace", roles: ["auditor"], tenant_id: "default" });
    expect(JSON.stringify(body)).not.toContain("password");
    const [record] = await decisions("rule=identity.user_created&limit=1");
    const [access] = await decisions(`trace_id=${record.trace_id}&action=POST%20/admin/users`);
    expect(record).toMatchObject({ caller: decodeJwt(token).sub, parent_id: access.decision_id });
  });

  it("refuses a name or an address that is taken, however it is written", async () => {
    await create(user("taken"));
    expect(await create(user("taken", { email: "else@demo.example" }))).toMatchObject({ status: 409 });
    expect(await create(user("taken2", { email: "TAKEN@demo.example" }))).toMatchObject({ status: 409 });
  });

  it.each([
    [{ roles: ["root"] }, "/roles/0"],
    [{ password: "short" }, "/password"],
    [{ email: "nobody" }, "/email"],
    [{ username: "Ada Lovelace" }, "/username"],
    [{ is_admin: true }, "/is_admin"],
  ])("refuses %j", async (more, pointer) => {
    const { status, body } = await create(user("candidate", more));
    expect([status, body.violations[0].pointer]).toEqual([422, pointer]);
  });
});

describe("policy before /admin", () => {
  const asRole = async (...roles: string[]) => {
    const name = `person-${roles.join("-") || "nobody"}`;
    await create(user(name, { roles }));
    return core.logIn(name, "a long enough password");
  };

  it("denies with reasons what a role may not do, and records the denial", async () => {
    const auditor = await asRole("auditor");
    const denied = await core.ask("POST /admin/users", { token: auditor, body: user("sneaked") });
    expect(denied).toMatchObject({
      status: 403,
      body: { code: "denied", reasons: [{ rule: expect.any(String), fix: expect.any(String) }] },
    });
    const record = await core.ask(`GET /admin/decisions/${denied.body.decision_id}`, { token });
    expect(record.body).toMatchObject({
      entrypoint: "admin/access",
      caller: decodeJwt(auditor).sub,
      action: "POST /admin/users",
      result: { effect: "deny" },
      input: { subject: { traits: ["auditor_capable"] }, resource: { method: "POST", route: "/admin/users" } },
    });
    expect(
      (await core.ask("GET /admin/users", { token })).body.users.map((one: { username: string }) => one.username),
    ).not.toContain("sneaked");
  });

  it("asks before the body is read, so a denied caller learns nothing about it", async () => {
    const viewer = await asRole("viewer");
    expect((await core.ask("POST /admin/users", { token: viewer, text: "{" })).status).toBe(403);
    expect((await core.ask("POST /admin/users", { text: "{" })).status).toBe(401);
  });

  it.each([
    [[], "GET /admin/plugins", 403],
    [["viewer"], "GET /admin/plugins", 200],
    [["viewer"], "GET /admin/decisions", 403],
    [["auditor"], "GET /admin/decisions", 200],
    [["security"], "GET /admin/users", 403],
    [["developer"], "POST /admin/plugins/mailer/disable", 403],
    [["security"], "POST /admin/plugins/mailer/join-token", 403],
    [["admin"], "POST /admin/plugins/mailer/disable", 404],
  ])("answers %j %s with %i", async (roles, route, status) => {
    const bearer = roles.includes("admin")
      ? token
      : await asRole(...roles).catch(() =>
          core.logIn(`person-${roles.join("-") || "nobody"}`, "a long enough password"),
        );
    expect((await core.ask(route, { token: bearer })).status).toBe(status);
  });
});

describe("public paths", () => {
  it("publish core's key and the gateways', and nothing that is no public key", async () => {
    const nats = stack.use(await ground.nats.connect("gateway"));
    const bucket = await new Kvm(nats).open(buckets.signingKeys);
    const key = { kty: "OKP", crv: "Ed25519", x: "AAAA", kid: "g1", alg: "EdDSA", use: "sig" };
    await bucket.put("gateway.broken", "{");
    await bucket.put("gateway.leaking", JSON.stringify({ keys: [{ ...key, kid: "g0", d: "secret" }] }));
    await bucket.put("gateway.gateway-1", JSON.stringify({ keys: [key] }));
    await eventually(async () => (await core.ask("GET /.well-known/jwks.json")).body.keys).toHaveLength(2);
    const { keys } = (await core.ask("GET /.well-known/jwks.json")).body;
    expect(keys.map((one: { kid: string }) => one.kid)).toEqual([decodeProtectedHeader(token).kid, "g1"]);
    expect(JSON.stringify(keys)).not.toMatch(/"d"|secret/);
  });

  it("describe every route for people in OpenAPI 3.1", async () => {
    const { body } = await core.ask("GET /openapi.json");
    expect(body.openapi).toBe("3.1.0");
    expect(Object.keys(body.paths).sort()).toEqual([
      "/.well-known/jwks.json",
      "/admin/alerts",
      "/admin/alerts/{id}/acknowledge",
      "/admin/audit/bundle",
      "/admin/audit/checkpoints",
      "/admin/audit/export",
      "/admin/audit/faults",
      "/admin/audit/faults/{sequence}",
      "/admin/audit/forget",
      "/admin/audit/holds",
      "/admin/audit/holds/{id}",
      "/admin/audit/log/checkpoint",
      "/admin/audit/log/tile/{*}",
      "/admin/audit/proofs/{id}",
      "/admin/decisions",
      "/admin/decisions/facets",
      "/admin/decisions/histogram",
      "/admin/decisions/records",
      "/admin/decisions/tail",
      "/admin/decisions/{id}",
      "/admin/event-types",
      "/admin/kept-payloads",
      "/admin/kept-payloads/{id}",
      "/admin/plugins",
      "/admin/plugins/{id}/approve",
      "/admin/plugins/{id}/disable",
      "/admin/plugins/{id}/enable",
      "/admin/plugins/{id}/join-token",
      "/admin/policies",
      "/admin/policies/activations/{id}/approve",
      "/admin/policies/activations/{id}/reject",
      "/admin/policies/bundles",
      "/admin/policies/bundles/{revision}",
      "/admin/policies/publish",
      "/admin/policies/rollback",
      "/admin/policies/shadow",
      "/admin/users",
      "/auth/login",
      "/auth/me",
      "/health",
    ]);
  });

  it("say in it which routes take no token", async () => {
    const { body } = await core.ask("GET /openapi.json");
    const routes = Object.entries<Record<string, { security?: unknown[] }>>(body.paths);
    const open = routes.filter(([, methods]) => Object.values(methods).every(({ security }) => security?.length === 0));
    expect(open.map(([path]) => path).sort()).toEqual(["/.well-known/jwks.json", "/auth/login", "/health"]);
  });

  it("tell metrics and answer 404 as a problem for anything else", async () => {
    expect((await core.ask("GET /metrics")).body).toContain("audit_blocks_ingested_total");
    expect(await core.ask("GET /admin/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});
