import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExportSpec, TestRecord } from "./export.fixtures.ts";
import { laterThan, retentionRecord } from "./retention.fixtures.ts";
import { type ExportGround, exportGround, findingsOf, records } from "./verify.fixtures.ts";

let ground: ExportGround;
const start = records[0]?.timestamp;
const onDay = (days: number) => ({ now: () => new Date(laterThan(start, days)) });

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

/** A retention that says to be from a day, and that the record at the first place was deleted: 31 days old by its word. */
const told = (days: number): TestRecord =>
  retentionRecord(laterThan(start, days), { until: laterThan(start, days - 31), places: "0+1", places_count: "1" });
const dated = (from: readonly TestRecord[], days: number) =>
  from.map((record) => ({ ...record, timestamp: laterThan(start, days) }));

/** What is found in a log with a retention of the 40th day, without the record that it names. */
async function found(all: readonly TestRecord[], days = 100, spec: Partial<ExportSpec> = {}) {
  const written = await ground.exported({ records: all, ...spec });
  await written.rewrite((lines) => lines.slice(1));
  return findingsOf(written, { clock: onDay(days) });
}
const unsound = (index: number, detail: string) => [
  { kind: "retention_unsound", index, detail: expect.stringContaining(detail) },
  { kind: "record_removed", index: 0 },
];

describe("the time that a retention record gives itself", () => {
  it.each([1, 100, 254, 255, 256, 698])(
    "is not believed when the log goes on before it, at place %i",
    async (place) => {
      expect(await found(records.with(place, told(40)))).toMatchObject(unsound(place, "stands behind it in the log"));
    },
  );

  it("is not ahead of the auditor's clock, whatever the log says, by more than a day", async () => {
    const all = [...records.slice(0, 100), told(40), ...dated(records.slice(101), 40)];
    expect(await found(all, 38.99)).toMatchObject(unsound(100, "ahead of this machine's clock"));
    expect(await found(all, 39.01)).toEqual([]);
    expect(await found([...records, told(40)], 38.99)).toMatchObject(unsound(700, "ahead of this machine's clock"));
    expect(await found([...records, told(40)], 39.01)).toEqual([]);
  });

  it("may be ahead of what stands behind it by as much as an outage delays blocks: a day", async () => {
    const log = (days: number) => [...records.slice(0, 100), told(40), ...dated(records.slice(101), days)];
    expect(await found(log(39.01))).toEqual([]);
    expect(await found(log(38.99))).toMatchObject(unsound(100, "stands behind it"));
    expect(await found(log(80))).toEqual([]);
  });

  it("is held to most of the 255 entries behind it: a few with a wrong time make no difference", async () => {
    const log = (wrong: number) => [
      ...[...records.slice(0, 100), told(40)],
      ...[...dated(records.slice(101, 101 + wrong), -9_000), ...dated(records.slice(101 + wrong), 40)],
    ];
    expect(await found(log(127))).toEqual([]);
    expect(await found(log(128))).toMatchObject(unsound(100, "stands behind it"));
  });

  it("may be earlier than what stands before it: so it claims less", async () => {
    const all = [...dated(records.slice(0, 100), 8), told(40), ...dated(records.slice(101), 80)];
    expect(await found(all)).toEqual([]);
  });

  it("is not believed when the export lacks what stands behind it, or has something else there", async () => {
    const all = [...records.slice(0, 255), told(40), ...dated(records.slice(256), 40)];
    const cut = async (name: string, change: (bytes: Buffer) => Buffer | undefined) => {
      const written = await ground.exported({ records: all, from: 0, to: 256 });
      await written.rewrite((lines) => lines.slice(1));
      await written.alter(name, change);
      return findingsOf(written, { clock: onDay(100) });
    };
    expect(await cut("manifest.json", (bytes) => bytes)).toEqual([]);
    const lacking = unsound(255, "lacks entries behind it");
    expect(await cut("tile/entries/001", () => undefined)).toMatchObject(lacking);
    expect(await cut("tile/0/001", () => undefined)).toMatchObject(lacking);
    expect(await cut("tile/0/001", (bytes) => bytes.fill(0, 0, 32))).toMatchObject(lacking);
    expect(
      await cut("tile/entries/001", (bytes) => Buffer.from(`${bytes}`.replace('"outcome"', '"decided"'))),
    ).toMatchObject(lacking);
  });
});
