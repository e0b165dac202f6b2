import { describe, expect, it } from "vitest";
import { createLogger } from "../telemetry/logger.ts";
import { ClockWatch } from "./clock-watch.ts";

const logger = createLogger({ process: "test", level: "silent" });
const minute = 60_000;

/** Two clocks that a test sets: ours, by how much it is wrong, and the other one, which may be away. */
function clocks() {
  const set = { oursMs: 0, away: false, slowMs: 0 };
  let asked = 0;
  const clock = { now: () => new Date(Date.now() + set.oursMs), monotonicMs: () => performance.now() };
  const ask = async () => {
    asked += 1;
    if (set.away) throw new Error("away");
    const told = new Date();
    if (set.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, set.slowMs));
    return told;
  };
  const watch = (maxSkewMs = minute, everyMs = minute) =>
    new ClockWatch({ clock, other: "theirs", ask, maxSkewMs, everyMs, logger });
  return { set, watch, asked: () => asked };
}
const trusted = (watch: ClockWatch) => expect.poll(() => watch.trusted, { timeout: 10_000 });

describe("a clock", () => {
  it("is not trusted before it was compared", async () => {
    const { set, watch } = clocks();
    set.away = true;
    await using watching = watch();
    expect(watching.trusted).toBe(false);
    set.away = false;
    await trusted(watching).toBe(true);
  });

  it.each([-3_600_000, 3_600_000])("that is %s ms wrong is not trusted until it is right", async (wrongMs) => {
    const { set, watch } = clocks();
    set.oursMs = wrongMs;
    await using watching = watch(minute, 20);
    await expect.poll(() => watching.skewMs, { timeout: 10_000 }).not.toBe(0);
    expect(Math.abs(watching.skewMs - wrongMs)).toBeLessThan(minute);
    expect(watching.trusted).toBe(false);
    set.oursMs = 0;
    await trusted(watching).toBe(true);
  });

  it("that is set is not trusted from then on, not even while the other one is away", async () => {
    const { set, watch } = clocks();
    await using watching = watch();
    await trusted(watching).toBe(true);
    set.away = true;
    set.oursMs = -40 * 24 * 60 * minute;
    expect(watching.trusted).toBe(false);
    set.oursMs = 0;
    expect(watching.trusted).toBe(true);
  });

  it("is not compared all the time while the other one is away and everybody asks", async () => {
    const { set, watch, asked } = clocks();
    set.away = true;
    await using watching = watch(minute, 100);
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      expect(watching.trusted).toBe(false);
      await new Promise(setImmediate);
    }
    expect(asked()).toBeLessThan(10);
    await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(1);
  });

  it("that was wrong and is set right is compared at once, and trusted", async () => {
    const { set, watch, asked } = clocks();
    await using watching = watch();
    await trusted(watching).toBe(true);
    const before = asked();
    set.oursMs = -2 * minute;
    await trusted(watching).toBe(false);
    await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(before);
    set.oursMs = 0;
    await trusted(watching).toBe(true);
  });

  it("is given the time that the question took", async () => {
    const { set, watch, asked } = clocks();
    set.slowMs = 300;
    await using watching = watch(100);
    await expect.poll(asked, { timeout: 10_000 }).toBe(1);
    await trusted(watching).toBe(true);
    expect(watching.skewMs).toBeLessThan(100);
  });
});
