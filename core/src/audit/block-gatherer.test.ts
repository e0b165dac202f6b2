import { describe, expect, it } from "vitest";
import { BlockGatherer } from "./block-gatherer.ts";
import type { StreamedBlock } from "./parse-block.ts";

const block = (streamSequence: number, size = 1): StreamedBlock => ({
  ...{ streamSequence, subjectWriter: "w", stampedAt: new Date(0), bytes: new Uint8Array(size), hash: "" },
});

/** A gatherer whose batches are taken in when the test says so. */
function gathering(most = 3) {
  const batches: number[][] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  let failures = 0;
  const gatherer = new BlockGatherer({
    take: (batch) => {
      batches.push(batch.map(({ streamSequence }) => streamSequence));
      const taken = Promise.withResolvers<void>();
      waiting.push(taken);
      return taken.promise;
    },
    most: () => most,
    failed: () => {
      failures += 1;
    },
  });
  return { gatherer, batches, taken: (nth: number) => waiting[nth]?.resolve(), waiting, failures: () => failures };
}

describe("a gatherer of blocks", () => {
  it("takes together what comes within a moment", async () => {
    const { gatherer, batches } = gathering();
    await gatherer.add(block(1));
    await gatherer.add(block(2));
    expect(batches).toEqual([]);
    await expect.poll(() => batches).toEqual([[1, 2]]);
  });

  it("waits with a full batch until it is taken in", async () => {
    const { gatherer, batches, taken } = gathering(2);
    await gatherer.add(block(1));
    const added = gatherer.add(block(2));
    await expect.poll(() => batches).toEqual([[1, 2]]);
    expect(await Promise.race([added.then(() => "on"), Promise.resolve("waits")])).toBe("waits");
    taken(0);
    await added;
  });

  it("ends a batch that has many bytes", async () => {
    const { gatherer, batches, taken } = gathering();
    const added = gatherer.add(block(1, 4 * 1024 * 1024));
    await expect.poll(() => batches).toEqual([[1]]);
    taken(0);
    await added;
  });

  it("takes one batch after the other", async () => {
    const { gatherer, batches, taken } = gathering(1);
    const added = [gatherer.add(block(1)), gatherer.add(block(2))];
    await expect.poll(() => batches).toEqual([[1]]);
    taken(0);
    await expect.poll(() => batches).toEqual([[1], [2]]);
    taken(1);
    await Promise.all(added);
  });

  it("says that a batch could not be taken, also when nobody waits for it, and takes none behind it", async () => {
    const { gatherer, batches, waiting, failures } = gathering();
    await gatherer.add(block(1));
    await expect.poll(() => batches).toEqual([[1]]);
    waiting[0]?.reject(new Error("away"));
    await expect.poll(failures).toBe(1);
    await gatherer.add(block(2));
    await expect.poll(failures).toBe(2);
    expect(batches).toEqual([[1]]);
    await expect(gatherer.end()).rejects.toThrow("away");
  });
});
