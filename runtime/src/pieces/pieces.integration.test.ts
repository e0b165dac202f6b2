import { createHash, randomBytes } from "node:crypto";
import { type KV, Kvm } from "@nats-io/kv";
import { snapshotPartKey } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestNats } from "../nats/nats-server.fixtures.ts";
import { putPieces } from "./put-pieces.ts";
import { AbsentPiece, readPieces } from "./read-pieces.ts";
import { removeUnusedPieces } from "./remove-unused-pieces.ts";

const stack = new AsyncDisposableStack();
let bucket: KV;

beforeAll(async () => {
  const nats = stack.use(await startTestNats());
  bucket = await new Kvm(stack.use(await nats.connect())).create("PIECES");
});
afterAll(() => stack.disposeAsync());

const keys = async () => (await Array.fromAsync(await bucket.keys("part.>"))).sort();
const later = () => Date.now() + 61_000;

describe("pieces in a bucket", () => {
  it("come back as they were, whatever their size", async () => {
    for (const size of [0, 1, 512 * 1024, 512 * 1024 + 1, 1_300_000]) {
      const bytes = randomBytes(size);
      const hashes = await putPieces(bytes, bucket);
      expect(hashes).toHaveLength(Math.ceil(size / (512 * 1024)));
      expect((await readPieces(hashes, bucket)).equals(bytes)).toBe(true);
    }
  });

  it("are put once: the same content is the same piece", async () => {
    const bytes = randomBytes(2_000);
    const [hash = ""] = await putPieces(bytes, bucket);
    const before = await bucket.get(snapshotPartKey(hash));
    expect(await putPieces(bytes, bucket)).toEqual([createHash("sha256").update(bytes).digest("hex")]);
    expect((await bucket.get(snapshotPartKey(hash)))?.revision).toBe(before?.revision);
  });

  it("are put again when they were removed", async () => {
    const hashes = await putPieces(Buffer.from("removed"), bucket);
    await removeUnusedPieces([], bucket, later());
    await expect(readPieces(hashes, bucket)).rejects.toThrow(AbsentPiece);
    await putPieces(Buffer.from("removed"), bucket);
    expect((await readPieces(hashes, bucket)).toString()).toBe("removed");
  });

  it("are not read when one was altered", async () => {
    const [hash = ""] = await putPieces(Buffer.from("the truth"), bucket);
    await bucket.put(snapshotPartKey(hash), "a lie");
    await expect(readPieces([hash], bucket)).rejects.toThrow("altered");
  });

  it("are put again when they were altered", async () => {
    const [hash = ""] = await putPieces(Buffer.from("the whole truth"), bucket);
    await bucket.put(snapshotPartKey(hash), "half a lie");
    await putPieces(Buffer.from("the whole truth"), bucket);
    expect((await readPieces([hash], bucket)).toString()).toBe("the whole truth");
  });

  it("are removed when nobody names them, a minute after they were put", async () => {
    const [used = ""] = await putPieces(Buffer.from("named"), bucket);
    await putPieces(Buffer.from("named by nobody"), bucket);
    const before = await keys();
    await removeUnusedPieces([used], bucket, Date.now() + 30_000);
    expect(await keys()).toEqual(before);
    await removeUnusedPieces([used], bucket, later());
    expect(await keys()).toEqual([snapshotPartKey(used)]);
  });
});
