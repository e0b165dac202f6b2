import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExportSpec } from "./export.fixtures.ts";
import { at, type ExportGround, exportGround, findingsOf, lineOf, records, verified } from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

describe("an export that nobody touched", () => {
  it.each([0, 1, 2, 255, 256, 257, 700])("verifies whole, of %i records", async (count) => {
    const written = await exported({ records: records.slice(0, count) });
    expect(await verified(written)).toMatchObject({ verified: count, findings: { list: [] } });
  });

  it.each([
    [0, 1],
    [255, 257],
    [300, 300],
    [400, 700],
    [699, 700],
  ])("verifies from %i to %i of a larger log", async (from, to) => {
    const written = await exported({ from, to });
    expect(await verified(written)).toMatchObject({ verified: to - from, findings: { list: [] } });
  });

  it("needs no tiles and entries but those around its stretch", async () => {
    const written = await exported({ from: 10, to: 20 });
    for (const name of ["tile/0/001", "tile/entries/001", "tile/entries/002.p/188"])
      await written.alter(name, () => undefined);
    expect(await findingsOf(written)).toEqual([]);
  });
});

describe("a changed record", () => {
  it("is named when any one byte of its line changes", async () => {
    const [line = ""] = (await exported({ from: 5, to: 6 })).lines;
    for (let position = 0; position < line.length; position += 7) {
      const written = await exported({ from: 4, to: 7 });
      const other = String.fromCharCode(line.charCodeAt(position) ^ 1);
      await written.rewrite((lines) => lines.with(1, line.slice(0, position) + other + line.slice(position + 1)));
      const found = await findingsOf(written);
      expect(
        found.map(({ index }) => index),
        `${position}: ${JSON.stringify(found)}`,
      ).toContain(5);
    }
  });

  it("is told from a removed one, with its place, id and time", async () => {
    const written = await exported();
    const forged = { ...records[300], caller: "somebody-else" };
    await written.rewrite((lines) => lines.with(300, lineOf(300, forged)));
    expect(await findingsOf(written)).toEqual([
      { kind: "record_changed", ...at(300), detail: expect.stringContaining("line 301") },
    ]);
  });

  it.each([
    ["a key that is there twice", (line: string) => line.replace('"kind":', '"caller":"x","kind":')],
    ["white space", (line: string) => line.replace(":{", ": {")],
    ["a number written otherwise", (line: string) => line.replace('"snapshot":10', '"snapshot":1e1')],
    ["no JSON", () => "not json"],
  ])("is one with %s", async (_, change) => {
    const written = await exported();
    await written.rewrite((lines) => lines.with(10, change(lines[10] ?? "")));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_changed", ...at(10) }]);
  });

  it("under a place that is not its own is named", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.with(20, lineOf(21, records[20] ?? {})));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_changed", ...at(20) }]);
  });
});

describe("a removed record", () => {
  it("is named, and nothing else is", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.filter((_, index) => index !== 100 && index !== 256));
    expect(await findingsOf(written)).toMatchObject([
      { kind: "record_removed", ...at(100) },
      { kind: "record_removed", ...at(256) },
    ]);
  });

  it("is named when those behind it were moved up", async () => {
    const written = await exported();
    const moved = records.toSpliced(100, 1).map((record, index) => lineOf(index, record));
    await written.rewrite(() => moved);
    const found = await findingsOf(written);
    expect(found).toContainEqual({ kind: "record_removed", ...at(100), detail: expect.anything() });
    expect(found.length).toBeLessThan(5);
  });
});

describe("an inserted record", () => {
  const forged = { ...records[50], decision_id: "forged" };

  it.each([
    ["in place of another", (lines: string[]) => lines.with(50, lineOf(50, forged))],
    ["between others", (lines: string[]) => lines.toSpliced(50, 0, lineOf(50, forged))],
    ["at the end", (lines: string[]) => [...lines, lineOf(700, forged)]],
    ["at the beginning, from far behind", (lines: string[]) => [lineOf(699, forged), ...lines]],
  ])("%s is named", async (_, change) => {
    const written = await exported();
    await written.rewrite(change);
    const found = await findingsOf(written);
    expect(found.filter(({ kind }) => kind === "record_inserted")).toMatchObject([{ id: "forged" }]);
    expect(found.filter(({ kind }) => kind !== "record_inserted").length).toBeLessThan(2);
  });

  it("that is a line of something else is told", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.toSpliced(50, 0, "noise"));
    expect(await findingsOf(written)).toEqual([{ kind: "record_inserted", detail: "line 51 is no record" }]);
  });

  it("that was there before is told as a repetition", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.toSpliced(50, 0, lines[10] ?? ""));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_repeated", ...at(10) }]);
  });
});

describe("records in another order", () => {
  it.each([
    ["lines that changed places", (lines: string[]) => lines.with(30, lines[31] ?? "").with(31, lines[30] ?? "")],
    [
      "records that changed places",
      (lines: string[]) => lines.with(30, lineOf(30, records[31] ?? {})).with(31, lineOf(31, records[30] ?? {})),
    ],
    ["a line far from its place", (lines: string[]) => lines.toSpliced(30, 1).toSpliced(500, 0, lines[30] ?? "")],
  ])("are told: %s", async (_, change) => {
    const written = await exported();
    await written.rewrite(change);
    const found = await findingsOf(written);
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(["records_reordered"]));
    expect(found[0]?.index).toBeGreaterThanOrEqual(30);
    expect(found[0]?.index).toBeLessThanOrEqual(31);
  });
});

describe("a truncated export", () => {
  it("is told, with the first record that is missing", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.slice(0, 600));
    expect(await findingsOf(written)).toMatchObject([
      { kind: "records_truncated", ...at(600), detail: expect.stringContaining("100 ") },
    ]);
  });

  it("is told when its last line is cut in the middle", async () => {
    const written = await exported();
    await written.alter("records.ndjson", (bytes) => bytes.subarray(0, bytes.length - 40));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_changed", ...at(699) }]);
  });

  it("is told when no record is left", async () => {
    const written = await exported();
    await written.alter("records.ndjson", () => undefined);
    expect(await findingsOf(written)).toMatchObject([{ kind: "records_truncated", ...at(0) }]);
  });
});

describe("an entry that was told twice", () => {
  it("needs its record once", async () => {
    const twice = records.with(500, records[20] ?? (expect.fail() as never));
    const written = await exported({ records: twice });
    await written.rewrite((lines) => lines.toSpliced(500, 1));
    expect(await verified(written)).toMatchObject({ verified: 699, repeats: 1, findings: { list: [] } });
  });
});
