import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../audit.fixtures.ts";
import type { ExportSpec, TestRecord } from "./export.fixtures.ts";
import { laterThan, retentionRecord } from "./retention.fixtures.ts";
import {
  at,
  type ExportGround,
  records as early,
  exportGround,
  findingsOf,
  lineOf,
  signer,
  verified,
} from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

/** The log stood still for 36 days. */
const records = [
  ...early.slice(0, 600),
  ...early.slice(600).map((record) => ({ ...record, timestamp: laterThan(record.timestamp, 36) })),
];
const retention = (labels: Readonly<Record<string, string>>): TestRecord =>
  retentionRecord(records[600]?.timestamp ?? "", { until: records[200]?.timestamp ?? "", ...labels });
const told = retention({ places: "0+50,1+149", places_count: "199" });
const withRetention = records.with(600, told);

describe("records that retention deleted", () => {
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
    const all = [...early.slice(0, 10), ...evidence.map((n) => ({ ...retention(names), decision_id: `by-${n}` }))];
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
    const forged = await exported({ records });
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
        ...{ places: "0+1", places_count: "1", until: laterThan(told.timestamp, -30.99) },
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

  it("are counted with a warning when nobody said how long records have to be kept", async () => {
    const written = await exported({ records: withRetention });
    await written.rewrite((lines) => lines.toSpliced(0, 1));
    const verify = (...args: string[]) => audit("verify", written.directory, "--key", signer.vkey, ...args);
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toMatch(/^warning: 1 records count as deleted .*31 days.*--retention-days\nverified\n$/m);
    expect(JSON.parse((await verify("--json")).out).warnings).toHaveLength(1);
    expect((await verify("--retention-days", "31")).out).not.toContain("warning");
    expect((await audit("verify", (await exported()).directory, "--key", signer.vkey)).out).not.toContain("warning");
  });
});
