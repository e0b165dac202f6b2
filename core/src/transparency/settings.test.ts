import { generateKeyPairSync } from "node:crypto";
import { Secret } from "@vivified/runtime";
import { formatVerifierKey, signatureTypes, verifierKeyOf } from "@vivified/tlog";
import { describe, expect, it } from "vitest";
import { openLogStorage } from "./open-log-storage.ts";
import { parseWitnesses } from "./parse-witnesses.ts";

const vkeyOf = (type: 1 | 4) =>
  formatVerifierKey(verifierKeyOf("w.example", type, generateKeyPairSync("ed25519").publicKey));
const cosigner = vkeyOf(signatureTypes.cosignature);

describe("the witnesses' setting", () => {
  it("is a verifier key and a URL for each", () => {
    const [one, two] = parseWitnesses([`${cosigner} https://w.example/a`, ` ${cosigner}  http://w.example/b/ `]);
    expect([one?.url, two?.url]).toEqual(["https://w.example/a/", "http://w.example/b/"]);
    expect(one?.key.name).toBe("w.example");
    expect(parseWitnesses([])).toEqual([]);
  });

  it.each([
    ["no URL", cosigner],
    ["no key", "https://w.example/"],
    ["a log's key", `${vkeyOf(signatureTypes.note)} https://w.example/`],
    ["another scheme", `${cosigner} file:///etc/passwd`],
    ["more", `${cosigner} https://w.example/ more`],
  ])("is refused with %s", (_, setting) => {
    expect(() => parseWitnesses([setting])).toThrow("invalid_config");
  });
});

describe("the log's place", () => {
  const region = { auditLogS3Region: "us-east-1" };
  const keys = { auditLogS3AccessKeyId: "a", auditLogS3SecretAccessKey: new Secret("b") };

  it("is a directory or a bucket", () => {
    expect(openLogStorage({ ...region, auditLogDir: "/log" })).toBeDefined();
    expect(openLogStorage({ ...region, ...keys, auditLogS3Url: "https://s3.example/bucket/prefix" })).toBeDefined();
  });

  it.each([
    ["is none", {}],
    ["is two", { ...keys, auditLogDir: "/log", auditLogS3Url: "https://s3.example/bucket" }],
    ["is a server without a bucket", { ...keys, auditLogS3Url: "https://s3.example" }],
    ["is a bucket without keys", { auditLogS3Url: "https://s3.example/bucket" }],
  ])("is refused when it %s", (_, settings) => {
    expect(() => openLogStorage({ ...region, ...settings })).toThrow("invalid_config");
  });
});
