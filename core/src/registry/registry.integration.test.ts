import { createHash, X509Certificate } from "node:crypto";
import { Kvm } from "@nats-io/kv";
import { buckets, type DecisionRecord, joinTokenKey, onBehalfOfHeader, parseJoinToken } from "@vivified/contracts";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { egressGrant, manifestOf } from "./manifest.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let token: string;

beforeAll(async () => {
  ({ ground, core, token } = stack.use(await openCoreSuite()));
});
afterAll(() => stack.disposeAsync());

const register = (plugin: string, changes = {}) =>
  core.askAs(plugin, "POST /plugins/register", { body: { manifest: manifestOf({ id: plugin, ...changes }) } });
const admin = (route: string, body?: unknown) => core.ask(route, { token, ...(body !== undefined && { body }) });
const approve = (plugin: string, grants: readonly unknown[] = [], more = {}) =>
  admin(`POST /admin/plugins/${plugin}/approve`, { grants, ...more });
const rulesAbout = async (plugin: string) => {
  const { body } = await admin(`GET /admin/decisions?caller=${plugin}`);
  return body.decisions.flatMap((one: { reasons: { rule: string }[] }) => one.reasons.map((reason) => reason.rule));
};

describe("registration", () => {
  it("waits for approval, and says the same when the plugin starts again", async () => {
    const first = await register("waiting");
    expect(first).toMatchObject({
      status: 200,
      body: { status: "registered", plugin_id: "waiting", grants: [], warnings: [] },
    });
    expect((await register("waiting")).body).toEqual(first.body);
    expect(await rulesAbout("waiting")).toEqual(["registry.registered"]);
  });

  it("is one registration when two instances start at once", async () => {
    for (let pair = 0; pair < 40; pair += 1) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => register(`twins-${pair}`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(await rulesAbout(`twins-${pair}`)).toEqual(["registry.registered"]);
    }
  });

  it("refuses another plugin's id, whether it is there or not, and records it", async () => {
    for (const id of ["waiting", "nobody"]) {
      const body = { manifest: manifestOf({ id }) };
      expect(await core.askAs("thief", "POST /plugins/register", { body })).toMatchObject({
        status: 409,
        body: { code: "conflict", detail: "the certificate is of thief, the manifest of another plugin" },
      });
    }
    expect(await rulesAbout("thief")).toEqual(["registry.foreign_id", "registry.foreign_id"]);
  });

  it("reports every violation at once and records the refusal", async () => {
    const answer = await register("faulty", {
      version: "one",
      traits: ["root"],
      surprise: 1,
      allowed_domains: ["10.0.0.1"],
    });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid" } });
    expect(answer.body.violations.map((one: { pointer: string }) => one.pointer).sort()).toEqual([
      "/manifest/allowed_domains/0",
      "/manifest/surprise",
      "/manifest/traits/0",
      "/manifest/version",
    ]);
    expect(await rulesAbout("faulty")).toEqual(["registry.invalid_manifest"]);
  });

  it("refuses another manifest under a version that is known", async () => {
    await register("rewriter");
    expect(await register("rewriter", { name: "Another" })).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  it("believes the caller's name from the gateway only", async () => {
    const headers = { [onBehalfOfHeader]: "spiffe://vivified.local/plugin/waiting" };
    const body = { manifest: manifestOf({ id: "waiting" }) };
    for (const peer of ["plugin/waiting", "control-plane", "core"]) {
      const client = await ground.meshClient(`spiffe://vivified.local/${peer}`);
      const answer = await send(core.meshUrl, client, "POST /plugins/register", { headers, body });
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    }
    for (const caller of ["spiffe://elsewhere/plugin/waiting", "spiffe://vivified.local/gateway", "waiting", ""]) {
      const answer = await core.askAs("x", "POST /plugins/register", { body, headers: { [onBehalfOfHeader]: caller } });
      expect(answer.status).toBe(401);
    }
  });
});

describe("approval", () => {
  it("makes the plugin active with the grants it was given", async () => {
    await register("mailer");
    const grants = [
      { kind: "publish", event_type: "EmailSent" },
      { kind: "rpc", target: "other", operation: "get" },
      egressGrant,
    ];
    const approved = await approve("mailer", grants);
    expect(approved).toMatchObject({ status: 200, body: { status: "active", grants } });
    const { decisions } = (await admin("GET /admin/decisions?target=mailer&rule=registry.approved")).body;
    expect(decisions).toMatchObject([{ action: "approve", resource: "plugin mailer", parent_id: expect.any(String) }]);
    const again = await register("mailer");
    expect(again.body).toMatchObject({ status: "active", grants });
    expect((await approve("mailer", grants)).body.grants).toEqual(approved.body.grants);
    expect(approved.body.grants.map((grant: { id: string }) => grant.id)).toEqual([
      expect.stringMatching(/^g-/),
      expect.stringMatching(/^g-/),
      expect.stringMatching(/^g-/),
    ]);
  });

  it.each([
    [{ kind: "publish", event_type: "PatientDataUpdated" }, "/grants/0/event_type"],
    [{ kind: "subscribe", event_type: "EmailSent" }, "/grants/0/event_type"],
    [{ kind: "rpc", target: "mailer", operation: "send_mail" }, "/grants/0/target"],
    [{ ...egressGrant, host: "evil-mail.demo.example" }, "/grants/0/host"],
    [{ ...egressGrant, host: "*.demo.example" }, "/grants/0/host"],
    [{ ...egressGrant, host: "*.mail.demo.example" }, "/grants/0/host"],
    [{ ...egressGrant, host: "evilpartner.example" }, "/grants/0/host"],
    [{ ...egressGrant, insecure_address_ranges: ["127.0.0.2/32"] }, "/grants/0/insecure_address_ranges"],
    [{ ...egressGrant, insecure_plaintext_smtp: true }, "/grants/0/insecure_plaintext_smtp"],
  ])("refuses the grant %j, which goes beyond what may be granted", async (grant, pointer) => {
    await register("mailer");
    expect(await approve("mailer", [grant])).toMatchObject({
      status: 422,
      body: { code: "invalid", violations: [{ pointer, message: expect.any(String), fix: expect.any(String) }] },
    });
  });

  it("refuses outside services to a plugin that does not say it uses any", async () => {
    await register("insider", { traits: ["handles_pii"] });
    expect(await approve("insider", [egressGrant])).toMatchObject({
      status: 422,
      body: { violations: [{ pointer: "/grants/0/host", message: "the plugin has no trait external_service" }] },
    });
  });

  it("puts no manifest in force that is not sound by the rules of now", async () => {
    for (const plugin of ["aged", "aged-in-quarantine"]) await register(plugin);
    await approve("aged-in-quarantine");
    await admin("POST /admin/plugins/aged-in-quarantine/disable");
    const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
    await client.connect();
    await client.query(`update plugins set manifest = jsonb_set(manifest, '{version}', '"one"') where id like 'aged%'`);
    await client.end();
    const violations = [expect.objectContaining({ pointer: "/manifest/version" })];
    expect(await approve("aged", [], { version: "one" })).toMatchObject({ status: 422, body: { violations } });
    const enabled = await admin("POST /admin/plugins/aged-in-quarantine/enable");
    expect(enabled).toMatchObject({ status: 422, body: { violations } });
  });

  it.each([["api.partner.example"], ["partner.example"], ["*.eu.partner.example"]])(
    "lets %s through a wildcard",
    async (host) => {
      await register("mailer");
      expect(await approve("mailer", [{ ...egressGrant, host }])).toMatchObject({ status: 200 });
    },
  );

  it("takes insecure grants where dev mode has them on, if they are address ranges", async () => {
    await register("mailer");
    await using permissive = await TestCore.start(ground, { VIVIFIED_CORE_INSECURE_EGRESS_GRANTS: "true" });
    const grant = (range: string) => ({
      ...egressGrant,
      insecure_address_ranges: [range],
      insecure_plaintext_smtp: true,
    });
    const ask = (range: string) =>
      permissive.ask("POST /admin/plugins/mailer/approve", { token, body: { grants: [grant(range)] } });
    expect((await ask("127.0.0.2/32")).body).toMatchObject({ grants: [grant("127.0.0.2/32")] });
    for (const range of ["127.0.0.2", "127.0.0.2/33", "localhost/8", "127.0.0.2/32/1", "::1/129", "0.0.0.0/-1"]) {
      expect((await ask(range)).body.violations).toMatchObject([{ pointer: "/grants/0/insecure_address_ranges" }]);
    }
  });

  it("refuses grants of a kind that does not exist, and unknown fields", async () => {
    await register("mailer");
    expect((await approve("mailer", [{ kind: "everything" }])).status).toBe(422);
    expect((await approve("mailer", [], { force: true })).status).toBe(422);
  });

  it("answers 404 for a plugin that is not there", async () => {
    expect(await approve("nobody-here")).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("an upgrade", () => {
  it("takes the place of the version before when it asks for nothing new", async () => {
    await register("calm");
    await approve("calm", [{ kind: "publish", event_type: "EmailSent" }]);
    const upgraded = await register("calm", { version: "1.1.0", allowed_domains: ["mail.demo.example"] });
    expect(upgraded.body).toMatchObject({ status: "active", grants: [{ kind: "publish" }], warnings: [] });
    expect((await admin("GET /admin/plugins")).body.plugins).toContainEqual(
      expect.objectContaining({ id: "calm", version: "1.1.0" }),
    );
  });

  it("waits for approval when it asks for more, and nothing changes until then", async () => {
    await register("greedy");
    await approve("greedy");
    const phi = {
      version: "2.0.0",
      traits: ["handles_pii", "handles_phi", "external_service"],
      security: { authentication_required: true, data_classification: ["pii", "phi"] },
      compliance: { audit_level: "basic", hipaa_controls: ["164.312(a)"] },
    };
    const asked = await register("greedy", phi);
    expect(asked.body).toMatchObject({ status: "active", warnings: [expect.stringContaining("trait handles_phi")] });
    const shown = async () =>
      (await admin("GET /admin/plugins")).body.plugins.find((one: { id: string }) => one.id === "greedy");
    expect(await shown()).toMatchObject({
      version: "1.0.0",
      proposed: { version: "2.0.0", added: ["trait handles_phi", "classification phi"] },
    });
    expect(await approve("greedy")).toMatchObject({ status: 409 });
    expect(await approve("greedy", [], { version: "3.0.0" })).toMatchObject({ status: 409 });
    expect(await approve("greedy", [], { version: "2.0.0" })).toMatchObject({
      status: 200,
      body: { version: "2.0.0" },
    });
    expect(await shown()).not.toHaveProperty("proposed");
    expect((await rulesAbout("greedy")).slice(0, 1)).toEqual(["registry.proposed"]);
  });
});

describe("quarantine", () => {
  it("stops a plugin and lets it go on with the same grants", async () => {
    await register("suspect");
    await approve("suspect", [{ kind: "publish", event_type: "EmailSent" }]);
    expect((await admin("POST /admin/plugins/suspect/disable")).body).toMatchObject({ status: "disabled" });
    expect((await core.askAs("suspect", "POST /plugins/heartbeat", { body: { uptime_s: 1 } })).body).toMatchObject({
      code: "denied",
    });
    expect((await register("suspect")).body).toMatchObject({ status: "disabled" });
    expect(await approve("suspect")).toMatchObject({ status: 409 });
    expect((await admin("POST /admin/plugins/suspect/enable")).body).toMatchObject({
      status: "active",
      grants: [{ kind: "publish" }],
    });
    expect((await core.askAs("suspect", "POST /plugins/heartbeat", { body: { uptime_s: 1 } })).status).toBe(204);
  });

  it("is not for a plugin that was never approved", async () => {
    await register("fresh");
    expect(await admin("POST /admin/plugins/fresh/disable")).toMatchObject({ status: 409 });
    expect(await admin("POST /admin/plugins/fresh/enable")).toMatchObject({ status: 409 });
  });
});

describe("what a plugin keeps in core", () => {
  it("is its own: values are read, replaced, kept once and removed", async () => {
    for (const plugin of ["keeper", "other-keeper"]) {
      await register(plugin);
      await approve(plugin);
    }
    const key = "/storage/kv/user:1";
    expect(await core.askAs("keeper", `PUT ${key}`, { body: { value: { a: [1, null] } } })).toMatchObject({
      status: 200,
      body: { key: "user:1", value: { a: [1, null] } },
    });
    expect((await core.askAs("keeper", `GET ${key}`)).body).toMatchObject({ value: { a: [1, null] } });
    expect((await core.askAs("other-keeper", `GET ${key}`)).status).toBe(404);
    const once = { body: { value: 2 }, headers: { "if-none-match": "*" } };
    expect((await core.askAs("keeper", `PUT ${key}`, once)).body).toMatchObject({ code: "conflict" });
    await core.askAs("other-keeper", `PUT ${key}`, { body: { value: "the other's" } });
    expect((await core.askAs("keeper", `DELETE ${key}`)).status).toBe(204);
    expect((await core.askAs("other-keeper", `GET ${key}`)).body).toMatchObject({ value: "the other's" });
    expect((await core.askAs("keeper", `PUT ${key}`, once)).status).toBe(200);
  });

  it("is recorded with its size, in the same transaction, and without the key", async () => {
    await register("recorded");
    await approve("recorded");
    const key = "/storage/kv/grace@demo.example";
    await core.askAs("recorded", `PUT ${key}`, { body: { value: "12345678" } });
    await core.askAs("recorded", `PUT ${key}`, { body: { value: "x".repeat(300_000) } });
    await core.askAs("recorded", `PUT ${key}`, { body: { value: 1 }, headers: { "if-none-match": "*" } });
    await core.askAs("recorded", `DELETE ${key}`);
    await core.askAs("recorded", `DELETE ${key}`);
    const since = new Date(Date.now() - 60_000).toISOString();
    const { records } = (await admin(`GET /admin/decisions/records?since=${since}&limit=5000`)).body;
    const own = records.filter(
      ({ caller, resource }: DecisionRecord) => caller === "recorded" && resource === "storage",
    );
    expect(own).toMatchObject([{ action: "store value", labels: { bytes: "10" } }, { action: "remove value" }]);
    expect(JSON.stringify(records)).not.toContain("grace");
  });

  it("is refused before approval, too large, or with a key or text that cannot be", async () => {
    await register("eager");
    expect((await core.askAs("eager", "GET /storage/kv/a")).body).toMatchObject({
      code: "denied",
      reasons: [{ rule: "registry.not_active" }],
    });
    await approve("eager");
    expect((await core.askAs("eager", "PUT /storage/kv/a", { body: { value: "x".repeat(300_000) } })).status).toBe(413);
    expect((await core.askAs("eager", "PUT /storage/kv/-a", { body: { value: 1 } })).status).toBe(422);
    expect((await core.askAs("eager", "PUT /storage/kv/a", { body: { value: "\u0000" } })).body).toMatchObject({
      code: "malformed",
    });
    expect((await core.askAs("eager", "PUT /storage/kv/a", { body: { value: 1, extra: 1 } })).status).toBe(422);
  });

  it("holds settings to the manifest's schema and records the change", async () => {
    await register("settled");
    await approve("settled");
    expect((await core.askAs("settled", "GET /plugins/self/config")).body).toEqual({ config: {} });
    const wrong = await core.askAs("settled", "PUT /plugins/self/config", {
      body: { config: { sender: 7, colour: "red" } },
    });
    expect(wrong.body.violations.map((one: { pointer: string }) => one.pointer).sort()).toEqual([
      "/config/colour",
      "/config/sender",
    ]);
    const config = { sender: "hello@demo.example" };
    expect((await core.askAs("settled", "PUT /plugins/self/config", { body: { config } })).body).toEqual({ config });
    expect((await core.askAs("settled", "GET /plugins/self/config")).body).toEqual({ config });
    expect(await rulesAbout("settled")).toContain("settings.changed");
  });
});

describe("a join token", () => {
  it("is bound to one plugin and to the platform's root, and only its hash is kept", async () => {
    const { status, body } = await admin("POST /admin/plugins/newcomer/join-token");
    expect(status).toBe(201);
    const parsed = parseJoinToken(body.join_token);
    const root = new X509Certificate(ground.authority.bundlePem).raw;
    expect(parsed?.rootHash).toBe(createHash("sha256").update(root).digest("base64url"));
    const nats = stack.use(await ground.nats.connect("installer"));
    const entry = await (await new Kvm(nats).open(buckets.joinTokens)).get(joinTokenKey(parsed?.secret ?? ""));
    expect(entry?.json()).toEqual({
      spiffe_id: "spiffe://vivified.local/plugin/newcomer",
      expires_at: body.expires_at,
      used: false,
      signature: expect.any(String),
    });
    const told = (await admin("GET /admin/decisions?target=newcomer&rule=registry.join_token_issued")).body.decisions;
    const record = (await admin(`GET /admin/decisions/${told[0].decision_id}`)).body;
    expect(record.labels).toEqual({ expires_at: body.expires_at });
    expect(JSON.stringify(record)).not.toContain(parsed?.secret);
  });

  it("is not made for the platform's own names", async () => {
    expect((await admin("POST /admin/plugins/core/join-token")).status).toBe(422);
    expect((await admin("POST /admin/plugins/NOT_AN_ID/join-token")).status).toBe(422);
  });
});

describe("bad input", () => {
  it.each([
    ["{", 400, "malformed"],
    ['{"manifest":{},"manifest":{}}', 400, "duplicate_key"],
    ['{"manifest":{"__proto__":{"admin":true}}}', 400, "malformed"],
    [`{"manifest":{"name":"${"x".repeat(128 * 1024)}"}}`, 413, "too_large"],
    ['{"manifest":{"port":1e400}}', 400, "number_out_of_range"],
    [`{"manifest":${'{"a":'.repeat(70)}1${"}".repeat(70)}}`, 400, "too_deep"],
    [`{"manifest":{"a":"${"x".repeat(1_100_000)}"}}`, 413, "too_large"],
    ['{"manifest":{},"also":1}', 422, "invalid"],
    ['{"manifest":[]}', 422, "invalid"],
    ["[]", 422, "invalid"],
  ])("refuses %.40s", async (text, status, code) => {
    expect(await core.askAs("clumsy", "POST /plugins/register", { text })).toMatchObject({ status, body: { code } });
  });

  it("refuses another content type", async () => {
    const headers = { "content-type": "text/plain" };
    expect((await core.askAs("clumsy", "POST /plugins/register", { text: "{}", headers })).status).toBe(415);
  });
});
