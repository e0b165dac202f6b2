import { describe, expect, it } from "vitest";
import { clockSkewed, type GatewayClock } from "./clock-skewed.ts";
import { ingestLate } from "./ingest-late.ts";
import { ownBlocksLate } from "./own-blocks-late.ts";
import { trailFilling } from "./trail-filling.ts";

const hour = 3_600_000;
let ms = 0;
const clock = { now: () => new Date(ms), monotonicMs: () => ms };

describe("clock_skewed", () => {
  const at = 1_000 * hour;
  const gatewayAt = (writer: string, reportedMs: number, stampedMs = at): GatewayClock => ({
    ...{ writer, reportedAt: new Date(reportedMs), stampedAt: new Date(stampedMs) },
  });
  const found = async (gateways: readonly GatewayClock[], own: readonly { other: string; skewMs: number }[] = []) => {
    ms = at + 1_000;
    const rule = clockSkewed({ clock, own: () => own, gateways: () => gateways, maxSkewMs: 60_000 });
    return (await rule.look()).map(({ subject, message }) => `${subject}: ${message}`);
  };

  it("is found of a gateway that is too far from NATS, either way, and of no other", async () => {
    const gateways = [gatewayAt("late", at - hour), gatewayAt("early", at + hour), gatewayAt("right", at - 59_000)];
    expect(await found(gateways)).toEqual([
      "gateway late: The clocks disagree: gateway late, 3600 seconds behind",
      "gateway early: The clocks disagree: gateway early, 3600 seconds ahead",
    ]);
  });

  it("is not found of a gateway that is gone", async () => {
    expect(await found([gatewayAt("gone", at - 3 * hour, at - 2 * hour)])).toEqual([]);
  });

  it("is found of core, as others see it", async () => {
    const own = [
      { other: "NATS", skewMs: -hour },
      { other: "PostgreSQL", skewMs: 60_000 },
    ];
    expect(await found([], own)).toEqual(["core and NATS: The clocks disagree: core and NATS, 3600 seconds behind"]);
  });
});

describe("ingest_late", () => {
  it("is found once a block has waited for too long, and not because more come all the time", async () => {
    let [last, taken] = [0, 0];
    ms = 0;
    const rule = ingestLate({ clock, last: async () => last, taken: async () => taken, lateMs: 100 });
    const look = async (at: number, to: number, done: number) => {
      [ms, last, taken] = [at, to, done];
      return (await rule.look()).map(({ message }) => message);
    };
    expect(await look(0, 5, 0)).toEqual([]);
    expect(await look(99, 9, 4)).toEqual([]);
    expect(await look(100, 12, 4)).toEqual(["The audit stream is not taken in: 8 blocks wait behind 4"]);
    expect(await look(150, 12, 5)).toEqual([]);
    expect(await look(249, 14, 11)).toEqual([]);
    expect(await look(250, 14, 12)).toEqual([]);
    expect(await look(1_000, 14, 14)).toEqual([]);
    expect(await look(5_000, 15, 14)).toEqual([]);
    expect(await look(5_001, 11, 14)).toEqual(["The audit stream ends at 11, before 14, which was taken in"]);
    expect(await look(5_002, 15, 15)).toEqual([]);
  });
});

describe("own_blocks_late", () => {
  it("is found once the same record has waited for too long", async () => {
    let oldest: string | undefined;
    const rule = ownBlocksLate({ clock, oldest: async () => oldest, lateMs: 100 });
    const look = async (at: number, id: string | undefined) => {
      [ms, oldest] = [at, id];
      return (await rule.look()).length;
    };
    expect(await look(0, undefined)).toBe(0);
    expect(await look(10, "a")).toBe(0);
    expect(await look(109, "a")).toBe(0);
    expect(await look(110, "a")).toBe(1);
    expect(await look(120, "b")).toBe(0);
    expect(await look(400, undefined)).toBe(0);
  });
});

describe("trail_filling", () => {
  it.each([
    ["of the room that the operator names", 79, -1, 100, 0],
    ["of the room that the operator names", 80, -1, 100, 1],
    ["of the stream's own bound", 80, 100, undefined, 1],
    ["of the smaller of the two", 80, 100, 1_000, 1],
    ["of no bound at all", 1e15, -1, undefined, 0],
  ])("is found from four fifths on: %s (%i of %i, %s)", async (_, bytes, maxBytes, roomBytes, findings) => {
    const rule = trailFilling({ clock, held: async () => ({ bytes, maxBytes }), roomBytes });
    expect(await rule.look()).toHaveLength(findings);
  });
});
