import { readFile, writeFile } from "node:fs/promises";
import { canonicalJson, logLine } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, folder } from "../audit.fixtures.ts";
import {
  checkpointOf,
  type ExportSpec,
  someRecords,
  type TestRecord,
  testKey,
  testWitness,
  type WrittenExport,
  writeTestExport,
} from "./export.fixtures.ts";
import { openExport } from "./export-files.ts";
import type { Finding } from "./finding.ts";
import { logKey, witnessKey } from "./trusted-keys.ts";
import { type Verification, type VerifyExport, verifyExport } from "./verify-export.ts";

let files: Awaited<ReturnType<typeof folder>>;
let made = 0;
const signer = testKey();
const records = someRecords(700);
const idOf = (at: number): string => records[at]?.decision_id ?? "";

beforeAll(async () => {
  files = await folder();
});
afterAll(() => files[Symbol.asyncDispose]());

async function exported(spec: Partial<ExportSpec> = {}): Promise<WrittenExport> {
  made += 1;
  return writeTestExport(files.path(`export-${made}`), { records, signer, ...spec });
}

async function verified(written: WrittenExport, trusted: Partial<VerifyExport> = {}): Promise<Verification> {
  await using opened = await openExport(written.directory);
  return verifyExport(opened, { log: await logKey(signer.vkey), witnesses: [], ...trusted });
}

async function findingsOf(written: WrittenExport, trusted: Partial<VerifyExport> = {}): Promise<readonly Finding[]> {
  return (await verified(written, trusted)).findings.list;
}

const lineOf = (index: number, record: object): string => logLine(index, canonicalJson(record));
const at = (index: number) => ({ index, id: idOf(index), timestamp: records[index]?.timestamp });

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

describe("a changed log", () => {
  const flip = (position: number) => (bytes: Buffer) => {
    bytes[position] = (bytes[position] ?? 0) ^ 1;
    return bytes;
  };

  it("is told by a changed entry, with the record that it is of", async () => {
    const written = await exported();
    await written.alter("tile/entries/000", (bytes) =>
      Buffer.from(bytes.toString("latin1").replace("00:00:07", "00:00:08"), "latin1"),
    );
    expect(await findingsOf(written)).toMatchObject([{ kind: "entry_changed", index: 7, id: idOf(7) }]);
  });

  it.each(["tile/entries/000", "tile/entries/002.p/188", "tile/0/000", "tile/0/002.p/188", "tile/1/000.p/2"])(
    "is told when %s changes in any place, or is gone",
    async (name) => {
      const size = (await readFile(`${(await exported()).directory}/${name}`)).length;
      for (const position of [0, 1, Math.floor(size / 2), size - 1]) {
        const written = await exported();
        await written.alter(name, flip(position));
        expect((await findingsOf(written)).length, `${name} ${position}`).toBeGreaterThan(0);
      }
      const written = await exported();
      await written.alter(name, () => undefined);
      expect(await findingsOf(written)).toContainEqual(expect.objectContaining({ kind: "tile_missing", path: name }));
    },
  );

  it("is told when record, entry and tile were changed to match", async () => {
    const forged = records.with(300, { ...records[300], caller: "somebody-else" } as TestRecord);
    const written = await exported();
    const other = await exported({ records: forged });
    for (const name of ["records.ndjson", "tile/entries/001", "tile/0/001"]) {
      await written.alter(name, () => undefined);
      await writeFile(`${written.directory}/${name}`, await readFile(`${other.directory}/${name}`));
    }
    expect(await findingsOf(written)).toMatchObject([
      { kind: "tile_changed", path: "tile/0/001", detail: expect.stringContaining("256–511") },
    ]);
  });

  it("is told when the whole tree was made anew under the old checkpoint", async () => {
    const forged = records.with(300, { ...records[300], caller: "somebody-else" } as TestRecord);
    const written = await exported({ records: forged });
    await written.alter("checkpoint", () => Buffer.from(checkpointOf(records, signer)));
    expect(await findingsOf(written)).toMatchObject([{ kind: "wrong_root" }]);
  });
});

describe("a checkpoint", () => {
  it.each([
    ["of another key under the same name", "unknown_key", async () => checkpointOf(records, testKey())],
    ["that nobody signed", "malformed_export", async () => checkpointOf(records, signer).split("\n\n")[0] ?? ""],
    ["of a larger log", "bad_signature", async () => checkpointOf(records, signer).replace("\n700\n", "\n701\n")],
    ["that is empty", "malformed_export", async () => ""],
  ])("%s is not believed", async (_, kind, note) => {
    const written = await exported();
    const text = await note();
    await written.alter("checkpoint", () => Buffer.from(text));
    expect(await verified(written)).toMatchObject({ verified: 0, findings: { list: [{ kind }] } });
  });

  it("of another log is not taken for that of this one", async () => {
    const other = testKey("elsewhere.example/audit");
    const written = await exported({ signer: other });
    expect(await findingsOf(written)).toMatchObject([{ kind: "unknown_key" }]);
  });

  it("has to be cosigned by the witnesses that are asked for, with their own keys", async () => {
    const [one, two, three] = [testWitness("one.example"), testWitness("two.example"), testWitness("one.example")];
    const written = await exported({ witnesses: [one, two] });
    const witnesses = (...keys: { vkey: string }[]) => Promise.all(keys.map(({ vkey }) => witnessKey(vkey)));
    expect(await verified(written, { witnesses: await witnesses(one, two) })).toMatchObject({
      findings: { list: [] },
      sound: { witnesses: ["one.example", "two.example"] },
    });
    expect(await findingsOf(written, { witnesses: await witnesses(three) })).toMatchObject([
      { kind: "missing_cosignature" },
    ]);
    const text = checkpointOf(records, signer, [one]);
    const [signature = ""] = text.match(/(?<=one\.example )\S+/) ?? [];
    const bytes = Buffer.from(signature, "base64");
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await written.alter("checkpoint", () => Buffer.from(text.replace(signature, bytes.toString("base64"))));
    expect(await findingsOf(written, { witnesses: await witnesses(one) })).toMatchObject([{ kind: "bad_cosignature" }]);
  });
});

describe("a checkpoint that was kept", () => {
  const keptAt = (count: number, of = records) => ({ kept: Buffer.from(checkpointOf(of.slice(0, count), signer)) });
  const forked = records.with(100, { ...records[100], caller: "somebody-else" } as TestRecord);

  it.each([0, 1, 101, 256, 600, 700])("of %i entries fits the log that went on", async (count) => {
    expect(await findingsOf(await exported(), keptAt(count))).toEqual([]);
  });

  it.each([101, 600, 700])("of %i entries shows a fork, although the log's own key signed it", async (count) => {
    expect(await findingsOf(await exported(), keptAt(count, forked))).toMatchObject([{ kind: "forked_log" }]);
  });

  it("of more entries shows that the log was cut, or that the export is older", async () => {
    expect(await findingsOf(await exported({ records: records.slice(0, 500) }), keptAt(600))).toMatchObject([
      { kind: "log_shrank" },
    ]);
  });

  it("that another key signed shows nothing", async () => {
    const kept = Buffer.from(checkpointOf(records, testKey()));
    expect(await findingsOf(await exported(), { kept })).toMatchObject([{ kind: "bad_kept_checkpoint" }]);
  });

  it("cannot be compared with a stretch that does not lead there", async () => {
    const written = await exported({ from: 0, to: 10 });
    await written.alter("tile/0/001", () => undefined);
    expect(await findingsOf(written, keptAt(300))).toMatchObject([{ kind: "not_comparable" }]);
  });
});

describe("records that retention deleted", () => {
  const retention = (labels: Readonly<Record<string, string>>): TestRecord => ({
    ...records[600],
    ...{ kind: "decision", decision_id: "retention-1", timestamp: "2026-12-26T00:00:00.000Z" },
    ...{ lane: "core", entrypoint: "recorded" },
    result: { effect: "allow", reasons: [{ rule: "audit.retention_applied", message: "", fix: "" }], obligations: [] },
    labels: { until: records[200]?.timestamp ?? "", ...labels },
  });
  const told = retention({ places: "0+50,1+149", places_count: "199" });
  const withRetention = records.with(600, told);

  it("are counted, and the record that names them is named", async () => {
    const written = await exported({ records: withRetention });
    await written.rewrite((lines) => lines.filter((_, index) => index === 50 || index >= 200));
    const verification = await verified(written);
    expect(verification.findings.list).toEqual([]);
    expect(verification).toMatchObject({ verified: 501, deleted: [{ count: 199, by: { id: "retention-1" } }] });
  });

  it("may be named by a record far behind the stretch, or by several", async () => {
    const other = retention({ places: "50+1", places_count: "1" });
    const all = withRetention.with(601, { ...other, decision_id: "retention-2" });
    const written = await exported({ records: all, from: 0, to: 100, evidence: [600, 601] });
    await written.rewrite((lines) => lines.slice(-2));
    expect(await verified(written)).toMatchObject({
      deleted: [
        { count: 99, by: { id: "retention-1" } },
        { count: 1, by: { id: "retention-2" } },
      ],
      findings: { list: [] },
    });
  });

  it("may be named by more records behind the stretch than a page or two", async () => {
    const evidence = Array.from({ length: 15_000 }, (_, place) => 10 + place);
    const names = { places: "0+9", places_count: "9" };
    const all = [...records.slice(0, 10), ...evidence.map((n) => ({ ...retention(names), decision_id: `by-${n}` }))];
    const written = await exported({ records: all, from: 0, to: 10, evidence });
    await written.rewrite((lines) => lines.slice(9));
    const verification = await verified(written);
    expect(verification.findings.list).toEqual([]);
    expect(verification).toMatchObject({ verified: 15_001, deleted: [{ count: 9, by: { id: "by-10" } }] });
  });

  it("hide none that went beside them: what a hold kept, or came lately, is named when it is gone", async () => {
    const written = await exported({ records: withRetention });
    await written.rewrite((lines) => lines.slice(200));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_removed", ...at(50) }]);
    await written.rewrite((lines) => lines.slice(201));
    expect(await findingsOf(written)).toMatchObject([
      { kind: "record_removed", ...at(50) },
      { kind: "record_removed", ...at(200) },
    ]);
  });

  it("are removed ones when the log does not hold the record that says so", async () => {
    const forged = await exported();
    await forged.rewrite((lines) => [...lines.slice(1), lineOf(700, told)]);
    expect((await findingsOf(forged)).map(({ kind }) => kind)).toEqual(["record_removed", "record_inserted"]);
  });

  it.each([
    ["names fewer places than it counts", { places: "0+1", places_count: "2" }],
    ["names places that nobody can read", { places: "0-1", places_count: "1" }],
    ["names a place that is behind it", { places: "0+1,699+1", places_count: "2" }],
    ["says nothing of a time", { places: "0+1", places_count: "1", until: "" }],
    [
      "says that what is younger than a platform can forget was deleted",
      {
        ...{ places: "0+1", places_count: "1", until: "2026-11-25T00:00:00.001Z" },
      },
    ],
  ])("are removed ones when the record %s", async (_, labels) => {
    const written = await exported({ records: records.with(600, retention(labels)) });
    await written.rewrite((lines) => lines.slice(1));
    expect(await findingsOf(written)).toMatchObject([
      { kind: "retention_unsound", index: 600, id: "retention-1" },
      { kind: "record_removed", index: 0 },
    ]);
  });

  it("are removed ones when they are younger than the deletion says", async () => {
    const younger = retention({ places: "200+1", places_count: "1" });
    const written = await exported({ records: records.with(600, younger) });
    await written.rewrite((lines) => lines.toSpliced(200, 1));
    expect(await findingsOf(written)).toMatchObject([{ kind: "record_removed", ...at(200) }]);
  });

  it("are removed ones when the auditor knows of a longer retention", async () => {
    const written = await exported({ records: withRetention });
    await written.rewrite((lines) => lines.toSpliced(0, 1));
    const verify = (...args: string[]) => audit("verify", written.directory, "--key", signer.vkey, ...args);
    expect((await verify("--retention-days", "31")).code).toBe(0);
    const { code, out } = await verify("--retention-days", "365");
    expect(code).toBe(1);
    expect(out).toMatch(/retention_unsound: place 600 .*365 days/);
    expect((await verify("--retention-days", "none")).code).toBe(2);
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

describe("vivified audit verify", () => {
  it("ends with 0 and says what was verified", async () => {
    const { directory } = await exported();
    await writeFile(files.path("key"), `${signer.vkey}\n`);
    const { code, out, err } = await audit("verify", directory, "--key", files.path("key"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("700 records are as the log has them (places 0 to 699)");
    expect(out.trimEnd().endsWith("\nverified")).toBe(true);
  });

  it("ends with 1, names the record and why, and obeys nothing that the export says to the terminal", async () => {
    const written = await exported();
    const forged = { ...records[9], decision_id: "\u001b[2Kx\nverified" };
    await written.rewrite((lines) =>
      lines.with(8, lineOf(8, { ...records[8], caller: "x" })).with(9, lineOf(9, forged)),
    );
    const { code, out } = await audit("verify", written.directory, "--key", signer.vkey);
    expect(code).toBe(1);
    expect(out).toContain(`record_changed: place 8 ${idOf(8)} ${records[8]?.timestamp}: line 9 has the record`);
    expect(out).not.toContain("\u001b");
    expect(out).not.toMatch(/^verified$/m);
    expect(out).toMatch(/^NOT VERIFIED: /m);
  });

  it("speaks JSON", async () => {
    const written = await exported();
    await written.rewrite((lines) => lines.slice(1));
    const { code, out } = await audit("verify", written.directory, "--key", signer.vkey, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      counts: { record_removed: 1 },
      findings: [{ kind: "record_removed", index: 0, id: idOf(0) }],
    });
  });

  it.each([
    ["no key", []],
    ["a key that is none", ["--key", "nonsense"]],
    ["the key of a witness", ["--key", testWitness("one.example").vkey]],
    ["a witness that is none", ["--key", signer.vkey, "--witness", signer.vkey]],
    ["a kept checkpoint that is not there", ["--key", signer.vkey, "--checkpoint", "/nowhere"]],
  ])("ends with 2 for %s", async (_, args) => {
    expect((await audit("verify", (await exported()).directory, ...args)).code).toBe(2);
  });

  it("ends with 2 when there is no export", async () => {
    expect((await audit("verify", files.path("nothing"), "--key", signer.vkey)).code).toBe(2);
  });
});
