import { describe, expect, it } from "vitest";
import { uuids, uuidv7 } from "./ids.ts";

/** Ids by a clock that tells these times, one after the other, and then the last one. */
function idsAt(...times: readonly [number, ...number[]]) {
  const left = [...times];
  return uuids(() => (left.length > 1 ? left.shift() : left[0]) ?? 0);
}
const timeOf = (id: string) => Number.parseInt(id.replace("-", "").slice(0, 12), 16);

describe("uuids", () => {
  it("carry their millisecond, their version and their variant", () => {
    expect(idsAt(0x017f22e279b0)()).toMatch(/^017f22e2-79b0-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Math.abs(timeOf(uuidv7()) - Date.now())).toBeLessThan(5_000);
  });

  it("grow within a millisecond, also with more of them than it has numbers, and never repeat", () => {
    const next = idsAt(1_000);
    const ids = Array.from({ length: 10_000 }, next);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.map(timeOf).at(-1)).toBe(1_002);
  });

  it("go on growing while a clock goes back a little", () => {
    const next = idsAt(60_000, 59_000, 51_000, 60_001);
    const ids = [next(), next(), next(), next()];
    expect(ids).toEqual(ids.toSorted());
    expect(ids.map(timeOf)).toEqual([60_000, 60_000, 60_000, 60_001]);
  });

  it("follow a clock that is set back, and do not repeat when it has caught up", () => {
    const next = idsAt(100_000, 40_000, 100_000);
    const ids = [next(), next(), next()];
    expect(ids.map(timeOf)).toEqual([100_000, 40_000, 100_000]);
    expect(new Set(ids).size).toBe(3);
  });
});
