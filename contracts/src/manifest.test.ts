import { describe, expect, it } from "vitest";
import { manifestOf } from "./manifest.fixtures.ts";
import type { Manifest } from "./manifest.ts";
import { manifestDiff } from "./manifest-diff.ts";
import { manifestOperations } from "./manifest-operations.ts";
import { type ManifestOptions, validateManifest } from "./manifest-validate.ts";

const dev: ManifestOptions = { mode: "dev" };
const pointers = (value: unknown, options = dev) =>
  validateManifest(value, options).violations.map((one) => one.pointer);
const accepted = (changes = {}): Manifest => {
  const { manifest, violations } = validateManifest(manifestOf(changes), dev);
  if (manifest === undefined) throw new Error(JSON.stringify(violations));
  return manifest;
};

/** Definitions that each name the next one twice. */
function doubling(length: number): object {
  const twice = (index: number) => ({ anyOf: Array(2).fill({ $ref: `#/$defs/d${index + 1}` }) });
  const chain = Array.from({ length }, (_, index) => [`d${index}`, twice(index)] as const);
  return { ...Object.fromEntries(chain), [`d${length}`]: { type: "number" } };
}

describe("validateManifest", () => {
  it("accepts a manifest without fault or warning", () => {
    expect(validateManifest(manifestOf(), dev)).toEqual({ manifest: manifestOf(), violations: [], warnings: [] });
  });

  it("reports every violation together, each with a pointer, a sentence and a fix", () => {
    const { manifest, violations } = validateManifest(
      manifestOf({
        id: "Email Gateway",
        version: "1",
        traits: ["handles_phi", "root"],
        surprise: true,
        security: undefined,
      }),
      dev,
    );
    expect(manifest).toBeUndefined();
    expect(violations.map((one) => one.pointer)).toEqual(
      expect.arrayContaining([
        "/id",
        "/version",
        "/traits/1",
        "/surprise",
        "/security",
        "/security/data_classification",
        "/compliance/hipaa_controls",
      ]),
    );
    expect(violations.every((one) => one.message.length > 0 && one.fix.length > 0)).toBe(true);
  });

  it.each([[undefined], [null], [7], ["text"], [[]], [{}]])("refuses %j without throwing", (value) => {
    expect(pointers(value).length).toBeGreaterThan(0);
  });

  it.each(["core", "gateway", "control-plane", "self", "register"])("refuses the reserved id %s", (id) => {
    expect(pointers(manifestOf({ id }))).toEqual(["/id"]);
  });

  it("asks a contract's operations of the plugin", () => {
    const endpoints = { send_message: "/send" };
    expect(validateManifest(manifestOf({ contracts: ["CommunicationPlugin"], endpoints }), dev).violations).toEqual([
      {
        pointer: "/contracts/0",
        message: "CommunicationPlugin asks for the operation receive_messages",
        fix: "declare receive_messages in endpoints",
      },
    ]);
  });

  it("holds handles_phi to its classification, controls and audit level", () => {
    const found = pointers(manifestOf({ traits: ["handles_phi"], compliance: { audit_level: "none" } }));
    expect(found).toEqual(["/security/data_classification", "/compliance/hipaa_controls", "/compliance/audit_level"]);
  });

  it("holds handles_pii to its classification and external_service to its domains", () => {
    const security = { authentication_required: true, data_classification: ["internal"] };
    const found = pointers(manifestOf({ traits: ["handles_pii", "external_service"], security }));
    expect(found).toEqual(["/security/data_classification", "/allowed_domains"]);
  });

  it("refuses authentication that is off", () => {
    const security = { authentication_required: false, data_classification: ["pii"] };
    expect(pointers(manifestOf({ security }))).toEqual(["/security/authentication_required"]);
  });

  it.each(["api.example.com", "*.example.com", "mail.demo.example", "xn--bcher-kva.example", "s3.amazonaws.com"])(
    "accepts the destination %s",
    (domain) => expect(pointers(manifestOf({ allowed_domains: [domain] }))).toEqual([]),
  );

  it.each([
    "10.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "::1",
    "localhost",
    "a.localhost",
    "db.internal",
    "printer.local",
    "intranet",
    "co.uk",
    "*.co.uk",
    "com",
    "*.com",
    "*",
    "*.*.example.com",
    "a.*.example.com",
    "*.github.io",
    "Example.com",
    "example.com.",
    "https://example.com",
    "example.com:443",
    "bücher.example",
    "exa mple.com",
    "1.168.192.in-addr.arpa",
  ])("refuses the destination %s", (domain) => {
    expect(pointers(manifestOf({ allowed_domains: [domain] }))).toEqual(["/allowed_domains/0"]);
  });

  it.each(["/../etc", "/a/./b", "users", "/a?b", "/a b", "/{id", "//x"])("refuses the path %s", (path) => {
    expect(pointers(manifestOf({ endpoints: { get_thing: path } }))).toEqual(["/endpoints/get_thing"]);
    expect(pointers(manifestOf({ endpoints: { get_thing: { path } } }))[0]).toMatch(/^\/endpoints\/get_thing/);
  });

  it("names an unknown field inside an operation by its pointer alone", () => {
    const endpoints = { get_thing: { path: "/x", timeout: 3 } };
    expect(pointers(manifestOf({ endpoints }))).toEqual(["/endpoints/get_thing/timeout"]);
  });

  it("refuses wildcards in subscriptions, and subscriptions without an endpoint", () => {
    const events = { subscribes: ["*", "UserCreated"] };
    expect(pointers(manifestOf({ events }))).toEqual(["/events/subscribes/0", "/events/endpoint"]);
  });

  it.each([
    [{ type: "nonsense" }, "/config_schema/type"],
    [{ $ref: "https://elsewhere.example/schema" }, "/config_schema/$ref"],
    [{ type: "string", pattern: "^(a+)+$" }, "/config_schema/pattern"],
    [{ type: "string", pattern: "(" }, "/config_schema/pattern"],
    [{ patternProperties: { "(a|a)*b": {} } }, "/config_schema/patternProperties/(a|a)*b"],
    [{ description: "x".repeat(40_000) }, "/config_schema"],
    [{ $async: true, type: "object" }, "/config_schema/$async"],
    [{ type: "string", pattern: "^a*a*b$" }, "/config_schema/pattern"],
    [{ type: "string", pattern: "a+b" }, "/config_schema/pattern"],
    [{ type: "string", pattern: "^a|b+c" }, "/config_schema/pattern"],
    [{ type: "string", pattern: `^${"a?".repeat(60)}b$` }, "/config_schema/pattern"],
    [{ type: "string", pattern: `^${"(a|a)".repeat(30)}b$` }, "/config_schema/pattern"],
    [{ type: "string", pattern: "^a{1,900}a{1,900}b$" }, "/config_schema/pattern"],
    [{ type: "string", format: "url" }, "/config_schema/format"],
    [{ type: "array", uniqueItems: true }, "/config_schema/uniqueItems"],
    [{ type: "array", items: { type: ["string", "array"] }, uniqueItems: true }, "/config_schema/uniqueItems"],
    [{ allOf: [{ $ref: "#" }] }, "/config_schema"],
    [{ type: "object", properties: { child: { $ref: "#/properties" } } }, "/config_schema"],
    [{ $ref: "#/$defs/d0", $defs: doubling(60) }, "/config_schema"],
    [{ properties: { x: { $id: "https://x.example/", $ref: "#/$defs/d" } } }, "/config_schema/properties/x/$id"],
    [{ $ref: "#/$defs/nothing" }, "/config_schema"],
    [{ $schema: "http://json-schema.org/draft-07/schema#" }, "/config_schema"],
  ])("refuses the embedded schema %j", (config_schema, pointer) => {
    expect(pointers(manifestOf({ config_schema }))).toContain(pointer);
  });

  it.each([
    { type: "string", pattern: "^https?://" },
    { type: "string", pattern: "^[a-z][a-z0-9-]*$" },
    { type: "string", pattern: "^[a-z]{1,200}$" },
    { type: "string", pattern: "^\\p{Lu}{2}[*+?|]\\d{3}-\\d{2,4}$" },
    { type: "string", pattern: "^(?:mon|tue|wed|thu|fri|sat|sun)$" },
    { type: "array", items: { type: "string" }, uniqueItems: true },
    { properties: { from: { $ref: "#/$defs/place" }, to: { $ref: "#/$defs/place" } }, $defs: { place: {} } },
    { properties: { a: { $ref: "#/$defs/x~1y%20z" } }, $defs: { "x/y z": { type: "string" } } },
  ])("takes the embedded schema %j", (config_schema) => {
    expect(pointers(manifestOf({ config_schema }))).toEqual([]);
  });

  it("warns of absent dependencies in dev and refuses them in production", () => {
    const manifest = manifestOf({ dependencies: ["user-management", "StoragePlugin"] });
    const knownPlugins = [{ id: "user-management", contracts: ["IdentityPlugin"], dependencies: [] }];
    expect(validateManifest(manifest, { mode: "dev", knownPlugins }).warnings.map((one) => one.pointer)).toEqual([
      "/dependencies/1",
    ]);
    expect(pointers(manifest, { mode: "production", knownPlugins })).toEqual(["/dependencies/1"]);
  });

  it("refuses a dependency that leads back to the plugin, also through a contract", () => {
    const knownPlugins = [
      { id: "a", contracts: ["StoragePlugin"], dependencies: ["b"] },
      { id: "b", contracts: [], dependencies: ["email-gateway"] },
    ];
    expect(pointers(manifestOf({ dependencies: ["StoragePlugin"] }), { mode: "dev", knownPlugins })).toEqual([
      "/dependencies/0",
    ]);
  });

  it("warns of a missing description and of unknown traits", () => {
    const { warnings } = validateManifest(manifestOf({ description: undefined, traits: ["handels_pii"] }), dev);
    expect(warnings.map((one) => one.pointer)).toEqual(["/description", "/traits/0"]);
  });
});

describe("manifestOperations", () => {
  it("fills in defaults and never offers health", () => {
    const manifest = accepted({ endpoints: { health: "/health", get_user: "/users/{id}" } });
    expect(manifestOperations(manifest)).toEqual([
      {
        name: "get_user",
        method: "POST",
        path: "/users/{id}",
        requires_traits: [],
        idempotent: false,
        timeout_ms: 30_000,
      },
    ]);
  });
});

describe("manifestDiff", () => {
  it("says what an upgrade asks for, and an operation that changed counts", () => {
    const before = accepted({ endpoints: { get_user: "/users/{id}" }, allowed_domains: ["a.example"] });
    const after = accepted({
      endpoints: { get_user: { path: "/users/{id}", output: { type: "object" } } },
      traits: ["handles_pii", "notifications"],
    });
    expect(manifestDiff(before, after)).toEqual({
      added: ["trait notifications", "operation get_user"],
      removed: ["domain a.example", "operation get_user"],
    });
  });
});
