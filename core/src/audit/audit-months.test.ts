import { describe, expect, it } from "vitest";
import { monthsFrom, monthsOf } from "./audit-months.ts";

const now = new Date("2026-11-30T23:59:59.999Z");
const of = (...times: string[]) =>
  monthsOf(
    times.map((time) => new Date(time)),
    now,
  );

describe("the months of the audit trail", () => {
  it("are made ahead: this one and the next two, in UTC", () => {
    expect(monthsFrom(now)).toEqual(["2026-11-01", "2026-12-01", "2027-01-01"]);
  });

  it("are those of the records, each once", () => {
    expect(of("2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z", "2025-02-28T12:00:00Z")).toEqual([
      "2026-11-01",
      "2025-02-01",
    ]);
  });

  it("are none for times that cannot be", () => {
    expect(of("2019-10-31T23:59:59Z", "2027-02-01T00:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z")).toEqual(
      [],
    );
    expect(of("2019-11-01T00:00:00Z", "2027-01-31T00:00:00Z")).toHaveLength(2);
  });
});
