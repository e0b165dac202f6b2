import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openProcessKey } from "./open-process-key.ts";

let directory: string;
const [own, other] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
const pemOf = (key: KeyObject) =>
  key.export({ type: key.type === "private" ? "pkcs8" : "spki", format: "pem" }).toString();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-keys-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function open(key: string, keys: object, name = "gateway-1") {
  const [processKeyFile, processKeysFile] = [join(directory, "own.pem"), join(directory, "keys.json")];
  await writeFile(processKeyFile, key);
  await writeFile(processKeysFile, JSON.stringify(keys));
  return openProcessKey({ name, processKeyFile, processKeysFile });
}

describe("openProcessKey", () => {
  it("opens a key that the others know, also while there are two", async () => {
    const keys = { "gateway-1": [pemOf(other.publicKey), pemOf(own.publicKey)] };
    const key = await open(pemOf(own.privateKey), keys);
    expect(createPublicKey(key).equals(own.publicKey)).toBe(true);
  });

  it.each([
    ["a key that nobody knows", pemOf(own.privateKey), { "gateway-1": [pemOf(other.publicKey)] }],
    ["a key that is known for another process", pemOf(own.privateKey), { "gateway-2": [pemOf(own.publicKey)] }],
    ["a public key", pemOf(own.publicKey), { "gateway-1": [pemOf(own.publicKey)] }],
    [
      "a key of another kind",
      pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      { "gateway-1": [pemOf(own.publicKey)] },
    ],
    ["no key", "", { "gateway-1": [pemOf(own.publicKey)] }],
    ["a file of nobody", pemOf(own.privateKey), {}],
  ])("refuses to start with %s", async (_, key, keys) => {
    await expect(open(key, keys)).rejects.toMatchObject({ code: "invalid_config" });
  });
});
