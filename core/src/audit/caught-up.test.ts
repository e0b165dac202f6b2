import { describe, expect, it } from "vitest";
import { caughtUp } from "./caught-up.ts";

/** Ingest that is so far each time that it is asked, and then stays where it is. */
function ingestAt(...positions: readonly number[]) {
  let asked = -1;
  return async () => {
    asked += 1;
    return positions[asked] ?? positions.at(-1) ?? 0;
  };
}

const ask = (end: number, taken: () => Promise<number>, withinMs = 30_000) =>
  caughtUp({ last: async () => end, taken, withinMs });

describe("caughtUp", () => {
  it("is true at once where everything was taken in, or there was never anything", async () => {
    expect(await ask(7, ingestAt(7), 0)).toBe(true);
    expect(await ask(0, ingestAt(0), 0)).toBe(true);
  });

  it("waits for what the stream held when it was asked, and for nothing that came later", async () => {
    let end = 9;
    const last = async () => {
      end += 1;
      return end - 1;
    };
    expect(await caughtUp({ last, taken: ingestAt(5, 6, 7, 9), withinMs: 30_000 })).toBe(true);
  });

  it("is false when that takes too long", async () => {
    expect(await ask(9, ingestAt(5, 6, 8), 120)).toBe(false);
  });

  it("is false for a stream that ends before what was taken in: it was lost or replaced", async () => {
    expect(await ask(6, ingestAt(7))).toBe(false);
  });

  it("is no answer at all where nobody can be asked", async () => {
    const last = () => Promise.reject(new Error("no NATS"));
    await expect(caughtUp({ last, taken: ingestAt(1), withinMs: 0 })).rejects.toThrow("no NATS");
  });
});
