import { generateKeyPairSync } from "node:crypto";
import { bytesOf } from "@vivified/tlog";
import { memoryLog, someEntries } from "@vivified/tlog/fixtures";
import { describe, expect, it } from "vitest";
import { growLog } from "./grow-log.ts";
import { logIdentity } from "./log-identity.ts";
import type { SignedCheckpoint } from "./log-store.ts";
import { requireGrowth } from "./require-growth.ts";
import { MemoryStorage } from "./storage.fixtures.ts";

const newPem = () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const identity = logIdentity(newPem(), "example.org");
const entries = someEntries(900);
const sizes = [1, 255, 256, 300, 812, 900];

/** Lets the log grow to `to`; `last` is where it stands. */
async function grow(storage: MemoryStorage, to: number, last?: SignedCheckpoint): Promise<SignedCheckpoint> {
  const added = entries.slice(last?.size ?? 0, to).map((entry) => Buffer.from(entry));
  return { ...(await growLog(last, added, { identity, storage })), madeAt: new Date(0) };
}

async function growThrough(storage: MemoryStorage): Promise<SignedCheckpoint[]> {
  const signed: SignedCheckpoint[] = [];
  for (const size of sizes) signed.push(await grow(storage, size, signed.at(-1)));
  return signed;
}

describe("growing the log", () => {
  it("writes the files and signs the root of the whole, in whatever steps it came there", async () => {
    const storage = new MemoryStorage();
    const last = (await growThrough(storage)).at(-1);
    const whole = memoryLog(entries);
    expect(bytesOf(last?.root ?? "")).toEqual(whole.root);
    for (const [path, bytes] of whole.files) expect(storage.files.get(path), path).toEqual(Buffer.from(bytes));
    expect(last?.note).toMatch(
      /^example\.org\/audit\n900\n[A-Za-z0-9+/=]{44}\n\n— example\.org\/audit [A-Za-z0-9+/=]+\n$/,
    );
  });

  it("gives the same bytes when the storage dies at any of its calls, before or after the effect", async () => {
    const whole = new MemoryStorage();
    const [, , , before, after] = await growThrough(whole);
    const start = new MemoryStorage();
    let last: SignedCheckpoint | undefined;
    for (const size of [1, 255, 256, 300]) last = await grow(start, size, last);
    expect(last).toEqual(before);
    const quiet = new MemoryStorage(new Map(start.files));
    await grow(quiet, 812, last);
    for (let at = 1; at <= quiet.calls; at += 1) {
      for (const dies of [
        { at, after: false },
        { at, after: true },
      ]) {
        const storage = new MemoryStorage(new Map(start.files));
        storage.dies = dies;
        await expect(grow(storage, 812, last)).rejects.toThrow("the storage died");
        storage.dies = undefined;
        expect(await grow(storage, 812, last)).toEqual(after);
        expect(storage.files).toEqual(quiet.files);
      }
    }
    expect(quiet.calls).toBeGreaterThan(8);
  });

  it("goes on with more records than there were when it died", async () => {
    const storage = new MemoryStorage();
    const first = await grow(storage, 256);
    storage.dies = { at: storage.calls + 6, after: true };
    await expect(grow(storage, 300, first)).rejects.toThrow("the storage died");
    const grown = await grow(storage, 900, first);
    expect(bytesOf(grown.root)).toEqual(memoryLog(entries).root);
  });
});

describe("a log that is not what was signed", () => {
  async function signedAt(size: number) {
    const storage = new MemoryStorage();
    return { storage, last: await grow(storage, size) };
  }

  const refused = { code: "log_inconsistent" };

  it.each(["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])(
    "is not signed on when %s changed or is gone",
    async (path) => {
      const { storage, last } = await signedAt(300);
      const whole = storage.files.get(path) ?? Buffer.alloc(0);
      const changed = Buffer.from(whole);
      changed[10] = (changed[10] ?? 0) ^ 1;
      storage.files.set(path, changed);
      await expect(grow(storage, 400, last)).rejects.toMatchObject(refused);
      storage.files.delete(path);
      await expect(grow(storage, 400, last)).rejects.toMatchObject(refused);
      storage.files.set(path, whole);
      await expect(grow(storage, 400, last)).resolves.toMatchObject({ size: 400 });
    },
  );

  it("is not signed on when other entries lie where new ones belong", async () => {
    const { storage, last } = await signedAt(300);
    const fork = someEntries(400).map((entry, at) => Buffer.from(at < 300 ? entry : `${entry} forged`));
    await growLog(last, fork.slice(300), { identity, storage });
    await expect(grow(storage, 400, last)).rejects.toMatchObject(refused);
  });

  it("is not signed on with another key, nor from a checkpoint that was altered", async () => {
    const { storage, last } = await signedAt(300);
    const other = { identity: logIdentity(newPem(), "example.org"), storage };
    await expect(growLog(last, [Buffer.from("x")], other)).rejects.toMatchObject(refused);
    const altered = { ...last, note: last.note.replace("\n300\n", "\n299\n") };
    await expect(grow(storage, 400, altered)).rejects.toMatchObject(refused);
    await expect(grow(storage, 400, { ...last, size: 299 })).rejects.toMatchObject(refused);
  });

  it("is not signed when what was written cannot be read back, or does not continue what was signed", async () => {
    const { storage, last } = await signedAt(300);
    const deaf = new MemoryStorage(storage.files);
    const lossy = { ...deaf, putOnce: async () => undefined };
    await expect(growLog(last, [Buffer.from("x")], { identity, storage: lossy })).rejects.toMatchObject(refused);
    const [from, to] = [memoryLog(someEntries(200).toReversed()), memoryLog(entries.slice(0, 300))];
    const claim = { from: 200, fromRoot: from.root, to: 300, toRoot: to.root };
    await expect(requireGrowth(claim, storage)).rejects.toMatchObject(refused);
  });
});

describe("the log's key", () => {
  it("must be an Ed25519 private key", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
    expect(() => logIdentity(ec.toString(), "x")).toThrow("invalid_config");
    expect(() => logIdentity("nonsense", "x")).toThrow("invalid_config");
    expect(identity.vkey).toMatch(/^example\.org\/audit\+[0-9a-f]{8}\+A/);
  });
});

describe("growing from what is not the end", () => {
  const publish = (storage: MemoryStorage, { note }: SignedCheckpoint) =>
    storage.replace("checkpoint", Buffer.from(note));
  const other = (count: number) => someEntries(count).map((entry) => Buffer.from(`${entry} told otherwise`));

  it("signs no other history of what was published, although the last checkpoint that is told would be continued", async () => {
    const storage = new MemoryStorage();
    const before = await grow(storage, 256);
    const published = await grow(storage, 300, before);
    await publish(storage, published);
    const files = new Map(storage.files);
    await expect(growLog(before, other(45), { identity, storage })).rejects.toMatchObject({ code: "log_inconsistent" });
    expect(storage.files).toEqual(files);
  });

  it("goes on from an end that is not published yet, and not from one that does not continue what is", async () => {
    const [storage, forked] = [new MemoryStorage(), new MemoryStorage()];
    const first = await grow(storage, 256);
    await publish(storage, first);
    const second = await grow(storage, 300, first);
    expect(await grow(storage, 812, second)).toMatchObject({ size: 812 });
    const fork = { ...(await growLog(undefined, other(300), { identity, storage: forked })), madeAt: new Date(0) };
    await publish(forked, first);
    await expect(growLog(fork, other(1), { identity, storage: forked })).rejects.toMatchObject({
      detail: "300 does not continue 256, which is published",
    });
  });
});
