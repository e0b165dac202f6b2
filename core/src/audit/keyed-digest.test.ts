import { createHash, generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { deriveKeyedDigest } from "./keyed-digest.ts";

const pem = (): string => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const own = pem();

it("is the same for the same text under one key, after a restart too", () => {
  expect(deriveKeyedDigest(own)).toMatchObject({ key: deriveKeyedDigest(own).key });
  expect(deriveKeyedDigest(own).of("login name", "ada")).toBe(deriveKeyedDigest(own).of("login name", "ada"));
  expect(deriveKeyedDigest(own).key).toMatch(/^[0-9a-f]{16}$/);
});

it("is another for another text, use or key, and no plain hash", () => {
  const [digest, other] = [deriveKeyedDigest(own), deriveKeyedDigest(pem())];
  const all = [digest.of("a", "x"), digest.of("a", "y"), digest.of("b", "x"), other.of("a", "x")];
  expect(new Set([...all, createHash("sha256").update("x").digest("hex")]).size).toBe(5);
  expect(other.key).not.toBe(digest.key);
});
