import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  auditBlockSubject,
  canonicalEventSubject,
  canonicalJson,
  entrypoints,
  errorCodes,
  formatTraceparent,
  isSignedJoinToken,
  joinTokenKey,
  laneOf,
  mintJoinToken,
  parseEnvoyNodeId,
  parseJoinToken,
  parseNetworkAddress,
  parseSpiffeId,
  parseTraceparent,
  pluginIdOf,
  pluginSpiffeId,
  processSpiffeId,
} from "./index.ts";

const td = "vivified.local";

describe("SPIFFE IDs", () => {
  it.each([
    "spiffe://vivified.local/plugin/email-gateway",
    "spiffe://vivified.local/core",
    "spiffe://a_b.c-d/x/Y/1.2_3-4",
  ])("accepts %s", (text) => expect(parseSpiffeId(text)?.id).toBe(text));

  it.each([
    "",
    "https://vivified.local/core",
    "SPIFFE://vivified.local/core",
    "spiffe://vivified.local",
    "spiffe://vivified.local/",
    "spiffe://Vivified.local/core",
    "spiffe://vivified.local/plugin//a",
    "spiffe://vivified.local/plugin/../core",
    "spiffe://vivified.local/plugin/./a",
    "spiffe://vivified.local/plugin/a/",
    "spiffe://vivified.local/plugin/a%2f",
    "spiffe://vivified.local/plugin/a?x=1",
    "spiffe://vivified.local/plugin/a#x",
    "spiffe://user@vivified.local/core",
    "spiffe://vivified.local:443/core",
    "spiffe://vivified.local/core\n",
    `spiffe://vivified.local/${"a".repeat(2048)}`,
  ])("refuses %j", (text) => expect(parseSpiffeId(text)).toBeUndefined());

  it("finds the plugin of this trust domain and of no other", () => {
    expect(pluginIdOf(pluginSpiffeId(td, "newsletter"), td)).toBe("newsletter");
    expect(pluginIdOf(pluginSpiffeId("other.local", "newsletter"), td)).toBeUndefined();
    expect(pluginIdOf(processSpiffeId(td, "core"), td)).toBeUndefined();
    expect(() => pluginSpiffeId(td, "../core")).toThrow(TypeError);
  });
});

describe("subjects", () => {
  it.each(["UserCreated", "UserCreated.v1", "A"])("names a stream subject for %s", (type) => {
    expect(canonicalEventSubject(type)).toBe(`events.canonical.${type}`);
  });

  it.each(["userCreated", "User Created", "User.*", "User.>", ">", "*", "User..v1", "User.v1.", "", "User\r\nPUB x"])(
    "lets nothing else reach a subject: %j",
    (type) => expect(() => canonicalEventSubject(type)).toThrow(TypeError),
  );

  it("keeps writers to plain names", () => {
    expect(auditBlockSubject("gateway-1")).toBe("audit.blocks.gateway-1");
    for (const writer of ["", "a.b", "a>", "*"]) expect(() => auditBlockSubject(writer)).toThrow(TypeError);
  });

  it("takes a node id apart only when it is one", () => {
    expect(parseEnvoyNodeId("newsletter~1")).toEqual({ pluginId: "newsletter", instance: "1" });
    for (const id of ["newsletter", "newsletter~", "~1", "a~b~c", "a/b~1"])
      expect(parseEnvoyNodeId(id)).toBeUndefined();
  });
});

describe("trace context", () => {
  const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  it("reads and writes a traceparent", () => {
    const context = parseTraceparent(header);
    expect(context && formatTraceparent(context)).toBe(header);
  });

  it.each([
    undefined,
    "",
    `${header}0`,
    header.toUpperCase(),
    header.replace("00-", "ff-"),
    header.replace(/-0af[^-]*/, `-${"0".repeat(32)}`),
    header.replace(/-b7a[^-]*/, `-${"0".repeat(16)}`),
  ])("takes %j for absent", (text) => expect(parseTraceparent(text)).toBeUndefined());
});

describe("join tokens", () => {
  const platform = generateKeyPairSync("ed25519");
  const minted = mintJoinToken({
    spiffeId: processSpiffeId(td, "core"),
    rootHash: "A".repeat(43),
    random: new Uint8Array(32).fill(7),
    nowMs: 0,
    signingKey: platform.privateKey,
  });

  it("keeps the hash of the secret and never the secret", () => {
    const token = parseJoinToken(`${minted.token}\n`);
    expect(token && joinTokenKey(token.secret)).toBe(minted.key);
    expect(JSON.stringify(minted.entry)).not.toContain(token?.secret);
    expect(minted.entry).toEqual({
      spiffe_id: `spiffe://${td}/core`,
      expires_at: "1970-01-01T00:10:00.000Z",
      used: false,
      signature: expect.any(String),
    });
  });

  it("tells the platform's entry from any other: another key, identity, time or signer", () => {
    const { key, entry } = minted;
    const signed = (changes: object, at = key, by = platform.publicKey) =>
      isSignedJoinToken(at, { ...entry, ...changes }, by);
    expect([signed({}), signed({ used: true })]).toEqual([true, true]);
    expect(signed({ spiffe_id: `spiffe://${td}/gateway` })).toBe(false);
    expect(signed({ expires_at: "2999-01-01T00:00:00.000Z" })).toBe(false);
    expect(signed({ signature: "A".repeat(86) })).toBe(false);
    expect(signed({}, "0".repeat(64))).toBe(false);
    expect(signed({}, key, generateKeyPairSync("ed25519").publicKey)).toBe(false);
  });

  it("refuses anything that is not a token, and too little randomness", () => {
    for (const text of ["", "vjt1.a.b", `vjt2${minted.token.slice(4)}`, `${minted.token}x`]) {
      expect(parseJoinToken(text)).toBeUndefined();
    }
    const options = {
      spiffeId: processSpiffeId(td, "core"),
      rootHash: "",
      random: new Uint8Array(16),
      nowMs: 0,
      signingKey: platform.privateKey,
    };
    expect(() => mintJoinToken(options)).toThrow(TypeError);
  });
});

describe("the tables", () => {
  it("knows a lane for every entrypoint", () => {
    expect(entrypoints.map(laneOf)).toEqual(["events", "events", "rpc", "rpc", "egress", "egress"]);
  });

  it("gives every error code a 4xx or 5xx status and a sentence", () => {
    for (const [code, row] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[a-z_]+$/);
      expect(row.status).toBeGreaterThanOrEqual(400);
      expect(row.title).toMatch(/^[A-Z]/);
    }
  });

  it("writes equal values as equal canonical text (RFC 8785)", () => {
    expect(canonicalJson({ b: [1e21, 0.1], a: "\u20ac$\u000f\n" })).toBe(
      canonicalJson({ a: "\u20ac$\u000f\n", b: [1e21, 0.1] }),
    );
    expect(canonicalJson({ "\u20ac": 1, "\r": 2, "1": 3 })).toBe('{"\\r":2,"1":3,"\u20ac":1}');
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
  });
});

describe("parseNetworkAddress", () => {
  it.each([
    ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
    ["control-plane:8443", { host: "control-plane", port: 8443 }],
    ["[::1]:1", { host: "::1", port: 1 }],
  ])("reads %s", (text, address) => expect(parseNetworkAddress(text)).toEqual(address));

  it.each(["", "host", "host:", ":80", "::1:80", "host:123456"])("refuses %j", (text) => {
    expect(() => parseNetworkAddress(text)).toThrow(TypeError);
  });
});
