import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signBlock } from "@vivified/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ChangedKeys, WriterKeys } from "./writer-keys.ts";

const [first, second, later] = Array.from({ length: 3 }, () => generateKeyPairSync("ed25519"));
if (!first || !second || !later) throw new Error("no keys");
const pemOf = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
const bytes = Buffer.from("a block");
const by = ({ privateKey }: typeof first, subjectWriter: string) => ({
  ...{ subjectWriter, bytes },
  signature: signBlock(bytes, privateKey),
});

let directory: string;
let file: string;
let elapsedMs = 0;
const changes: ChangedKeys[] = [];
const keep = (text: unknown) => writeFile(file, typeof text === "string" ? text : JSON.stringify(text));
const open = (changed = async (keys: ChangedKeys) => void changes.push(keys)) =>
  WriterKeys.open({ file, changed, elapsedMs: () => elapsedMs });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-keys-"));
  file = join(directory, "process-keys.json");
});
beforeEach(async () => {
  changes.length = 0;
  await keep({ "gateway-1": [pemOf(first.publicKey)], core: [pemOf(second.publicKey)] });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("WriterKeys", () => {
  it("knows every chain of a process by the process's key", async () => {
    const writers = await open();
    const known = [by(first, "gateway-1-0"), by(first, "gateway-1-7"), by(second, "core")];
    expect(await Promise.all(known.map((one) => writers.signed(one)))).toEqual([true, true, true]);
  });

  it.each([
    ["another process", by(first, "core")],
    ["another process, whose name begins alike", by(first, "gateway-11-0")],
    ["a process that nobody knows", by(first, "gateway-2-0")],
    ["the key's name, without a chain", by(first, "gateway-1")],
    ["other bytes", { ...by(first, "gateway-1-0"), bytes: Buffer.from("a blocK") }],
    ["no signature", { ...by(first, "gateway-1-0"), signature: "" }],
    ["a signature that is none", { ...by(first, "gateway-1-0"), signature: "\u0000é~" }],
    [
      "a signature of the bytes alone",
      { ...by(first, "gateway-1-0"), signature: sign(null, bytes, first.privateKey).toString("base64url") },
    ],
  ])("does not take a block for one of %s", async (_, block) => {
    expect(await (await open()).signed(block)).toBe(false);
    expect(changes).toEqual([]);
  });

  it("takes a key that was given meanwhile, once it is recorded", async () => {
    const writers = await open();
    await keep({ "gateway-1": [pemOf(first.publicKey), pemOf(later.publicKey)] });
    expect(await writers.signed(by(later, "gateway-1-0"))).toBe(true);
    expect(changes).toMatchObject([{ was: expect.stringMatching(/^core .+,gateway-1 /) }]);
    expect(changes[0]?.is.split(",")).toHaveLength(2);
    const unrecorded = await open(() => Promise.reject(new Error("the database is away")));
    await keep({ "gateway-1": [pemOf(second.publicKey)] });
    await expect(unrecorded.signed(by(second, "gateway-1-0"))).rejects.toThrow("the database is away");
    await expect(unrecorded.signed(by(second, "gateway-1-0"))).rejects.toThrow("the database is away");
  });

  it("believes a key no longer that was taken away, after a second", async () => {
    const writers = await open();
    await keep({ core: [pemOf(second.publicKey)] });
    expect(await writers.signed(by(first, "gateway-1-0"))).toBe(true);
    elapsedMs += 1_000;
    expect(await writers.signed(by(first, "gateway-1-0"))).toBe(false);
    expect(changes).toHaveLength(1);
  });

  it.each([
    ["no JSON", "{"],
    ["nobody", {}],
    ["a process without a key", { core: [] }],
    ["a key of another kind", { core: [pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey)] }],
    ["a private key", { core: [first.privateKey.export({ type: "pkcs8", format: "pem" }).toString()] }],
    ["a name that no process has", { "core.x": [pemOf(first.publicKey)] }],
    ["a process twice", `{"core":["x"],"core":["x"]}`],
  ])("judges nothing by a file that has %s", async (_, text) => {
    const writers = await open();
    await keep(text);
    await expect(open()).rejects.toMatchObject({ code: "invalid_config" });
    await expect(writers.signed(by(first, "gateway-2-0"))).rejects.toMatchObject({ code: "invalid_config" });
  });
});
