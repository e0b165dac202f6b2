import { describe, expect, it } from "vitest";
import { askedMonths } from "./asked-months.ts";
import { decisionOf, outcomeOf } from "./block.fixtures.ts";

const now = new Date("2026-11-27T12:00:00.000Z");
/** `uuidv7` of a moment, as gateways make it. */
const idAt = (time: string) => {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};
const at = (timestamp: string, decision_id = idAt(timestamp)) => decisionOf({ timestamp, decision_id });
const asked = (...records: readonly ReturnType<typeof at>[]) =>
  askedMonths(records, now).map(({ from, till, outside, ids }) => {
    const span = `${from.toISOString().slice(0, 7)}..${till.toISOString().slice(0, 7)}`;
    return [outside ? `outside ${span}` : span, ids.length];
  });

describe("askedMonths", () => {
  it("asks the one month that records of a day in its middle are from", () => {
    expect(asked(at("2026-11-15T00:00:00.000Z"), at("2026-11-16T00:00:00.000Z"))).toEqual([["2026-11..2026-12", 2]]);
  });

  it("asks for each id once, however often it comes", () => {
    const one = at("2026-11-15T00:00:00.000Z");
    expect(asked(one, one, outcomeOf(one, { timestamp: one.timestamp }))).toEqual([["2026-11..2026-12", 1]]);
  });

  it("asks the month before and behind a day at an end", () => {
    expect(asked(at("2026-12-01T23:59:59.000Z"))).toEqual([
      ["2026-11..2026-12", 1],
      ["2026-12..2027-01", 1],
    ]);
    expect(asked(at("2026-12-31T00:00:01.000Z")).map(([span]) => span)).toContain("2027-01..2027-02");
  });

  it("asks where the record says and where its id says, for this record only", () => {
    const split = at("2020-02-15T00:00:00.000Z", idAt("2026-11-15T00:00:00.000Z"));
    expect(asked(split, at("2026-11-16T00:00:00.000Z"))).toEqual([
      ["2020-02..2020-03", 1],
      ["2026-11..2026-12", 2],
    ]);
  });

  it.each(["0000-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "2019-10-15T00:00:00Z", "9999-12-31T23:59:59Z"])(
    "asks all months that need not be there at once for %s",
    (time) => {
      expect(asked(at(time, "an id without a time"))).toEqual([["outside 2019-11..2027-02", 1]]);
    },
  );

  it("asks nothing for nothing", () => {
    expect(asked()).toEqual([]);
  });
});
