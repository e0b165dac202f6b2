import { readPlaces } from "@vivified/contracts";
import { expect, it } from "vitest";
import { type Deleted, retentionRecords } from "./retention-record.ts";

const until = new Date("2026-01-01T00:00:00Z");
const deleted = (count: number): Deleted => ({
  ...{ from: "2025-12", decisions: count, outcomes: 0, unplaced: 0, kept: count },
  places: Array.from({ length: count }, (_, nth) => ({ first: 7 + 2 * nth, last: 7 + 2 * nth })),
});

it("is said in one record, also when nothing of it was in the log", () => {
  const [record, ...more] = retentionRecords(deleted(0), until);
  expect(more).toEqual([]);
  expect(record?.labels).toEqual({
    ...{ until: "2026-01-01T00:00:00.000Z", decisions: "0", outcomes: "0", unplaced: "0", kept: "0", part: "1/1" },
  });
});

it("is said in several records when holds left many holes; each is small and names every one of its places", () => {
  const all = deleted(4_001);
  const records = retentionRecords(all, until);
  expect(records.map(({ labels }) => [labels.part, labels.places_count])).toEqual([
    ["1/3", "2000"],
    ["2/3", "2000"],
    ["3/3", "1"],
  ]);
  expect(records.flatMap(({ labels }) => readPlaces(labels.places ?? ""))).toEqual(all.places);
  expect(records[2]?.labels).toMatchObject({ first_log_index: "8007", last_log_index: "8007" });
  for (const record of records) expect(JSON.stringify(record).length).toBeLessThan(20_000);
});
