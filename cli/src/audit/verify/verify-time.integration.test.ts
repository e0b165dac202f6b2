import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AskedStretch } from "./asked-stretch.ts";
import type { ExportSpec, TestRecord } from "./export.fixtures.ts";
import { laterThan, retentionRecord } from "./retention.fixtures.ts";
import { at, type ExportGround, exportGround, findingsOf, idOf, records, verified } from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

const timestamp = (place: number): string => records[place]?.timestamp ?? expect.fail();
const ms = (place: number): number => Date.parse(timestamp(place));
/** The time of the places 300 to 399, whose last decision stands at 398. */
const asked: AskedStretch = { sinceMs: ms(300), untilMs: ms(400) };
const days = (count: number): AskedStretch => ({
  sinceMs: ms(0) + count * 86_400_000,
  untilMs: ms(0) + (count + 1) * 86_400_000,
});
const found = async (spec: Partial<ExportSpec>, of = asked) => findingsOf(await exported(spec), { asked: of });
const leftOut = (place: number) => expect.objectContaining({ kind: "records_truncated", ...at(place) });

describe("an export of a time", () => {
  it("is held to what stands next to it, and its report says how far that goes", async () => {
    const { findings, warnings, verified: count } = await verified(await exported({ from: 300, to: 399 }), { asked });
    expect(findings.list).toEqual([]);
    expect(count).toBe(99);
    expect(warnings).toEqual([expect.stringContaining("300 entries before and 301 behind were looked at")]);
  });

  it.each<readonly [number, number, readonly number[]]>([
    [300, 398, [398]],
    [300, 390, [390, 391, 392, 393, 395, 396, 397, 398]],
    [302, 399, [300, 301]],
    [301, 398, [300, 398]],
  ])("that holds places from %i to %i leaves out decisions of the time", async (from, to, places) => {
    expect(await found({ from, to })).toEqual(places.map(leftOut));
  });

  it.each([0, 300, 700])("that holds nothing, at place %i, has the time next to it", async (place) => {
    const kinds = (await found({ from: place, to: place })).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["records_truncated"]));
  });

  it.each<readonly [string, AskedStretch, number, readonly string[]]>([
    ["behind the log, at its end", days(30), 700, []],
    ["behind the log, at its beginning", days(30), 0, ["time_not_shown"]],
    ["before the log, at its beginning", days(-30), 0, []],
    ["before the log, at its end", days(-30), 700, ["time_not_shown"]],
    ["since then, at the beginning", { sinceMs: days(30).sinceMs ?? 0 }, 0, ["time_not_shown"]],
    ["until then, at the end", { untilMs: days(-30).untilMs ?? 0 }, 700, ["time_not_shown"]],
  ])("of which there is nothing, %s, is held to what is around it", async (_, of, place, kinds) => {
    expect((await found({ from: place, to: place }, of)).map(({ kind }) => kind)).toEqual(kinds);
  });

  it("has the outcomes of its decisions, as far as they can be seen", async () => {
    const outcome = (place: number) =>
      ({ ...records[4], decision_id: idOf(310), timestamp: timestamp(place) }) as TestRecord;
    const told = records.with(450, outcome(450));
    const spec = { records: told, from: 300, to: 399 };
    expect(await found({ ...spec, evidence: [450] })).toEqual([]);
    expect(await found(spec)).toMatchObject([{ kind: "records_truncated", index: 450, id: idOf(310) }]);
    expect(await found({ ...spec, records: told.with(314, outcome(314)) })).toEqual([]);
    expect(await found({ ...spec, records: records.with(450, { ...outcome(450), decision_id: idOf(290) }) })).toEqual(
      [],
    );
  });

  it("is not held to neighbours that retention deleted", async () => {
    const told = retentionRecord(laterThan(timestamp(699), 40), {
      until: timestamp(301),
      places: "300+1",
      places_count: "1",
    });
    const spec = { records: records.with(699, told), from: 301, to: 399 };
    expect(await found({ ...spec, evidence: [699] })).toEqual([]);
    expect(await found(spec)).toEqual([leftOut(300)]);
  });

  it.each(["tile/entries/000", "tile/entries/002.p/188", "tile/0/000"])("needs its neighbours: %s", async (name) => {
    const written = await exported({ from: 300, to: 399 });
    await written.alter(name, () => undefined);
    expect((await findingsOf(written, { asked })).map(({ kind }) => kind)).toContain("tile_missing");
  });

  it("within places is held to these alone", async () => {
    expect(await found({ from: 320, to: 380 }, { ...asked, from: 320, to: 380 })).toEqual([]);
    expect(await found({ from: 320, to: 380 }, { ...asked, from: 310, to: 380 })).toContainEqual(leftOut(310));
    expect(await found({ from: 320, to: 380 }, { ...asked, from: 320 })).toContainEqual(leftOut(380));
  });
});
