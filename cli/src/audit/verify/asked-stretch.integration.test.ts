import type { ExportManifest } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../audit.fixtures.ts";
import type { AskedStretch } from "./asked-stretch.ts";
import type { ExportSpec, WrittenExport } from "./export.fixtures.ts";
import { laterThan, retentionRecord } from "./retention.fixtures.ts";
import { at, type ExportGround, exportGround, findingsOf, records, signer, verified } from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

async function say(written: WrittenExport, change: Partial<ExportManifest>): Promise<void> {
  await written.alter("manifest.json", (bytes) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(`${bytes}`), ...change })),
  );
}
const truncated = (index: number) => expect.objectContaining({ kind: "records_truncated", ...at(index) });
const whole: AskedStretch = {};

describe("an export of less than was asked for", () => {
  it.each<readonly [string, Partial<ExportManifest>, readonly [number, number], number]>([
    ["its end", { to: 40 }, [0, 40], 40],
    ["its last record", { to: 699 }, [0, 699], 699],
    ["its beginning", { from: 650 }, [650, 700], 0],
    ["its first record", { from: 1 }, [1, 700], 0],
    ["all of it, at a place", { from: 40, to: 40 }, [0, 0], 0],
    ["all of it, at the end", { from: 700 }, [0, 0], 0],
    ["its middle, which it calls evidence", { to: 10, evidence: [698, 699] }, [0, 10], 10],
  ])("is told by %s, whatever its manifest was made to say", async (_, change, [from, to], index) => {
    const written = await exported();
    await say(written, change);
    const behind = change.evidence ?? [];
    await written.rewrite((lines) => lines.filter((_, at) => (at >= from && at < to) || behind.includes(at)));
    expect(await findingsOf(written, { asked: whole })).toEqual([truncated(index)]);
  });

  it("is told without the record's id when the log's entry for it is not there, or is another", async () => {
    const written = await exported({ from: 300, to: 700 });
    await written.alter("tile/entries/000", (bytes) => Buffer.from(`${bytes}`.replace("00:00:00", "00:00:09")));
    const [finding] = await findingsOf(written, { asked: whole });
    expect(finding).toEqual({ kind: "records_truncated", index: 0, detail: expect.anything() });
  });

  it("is told when its manifest alone says so", async () => {
    const written = await exported();
    await say(written, { to: 690 });
    expect((await findingsOf(written, { asked: whole })).map(({ kind }) => kind)).toContain("records_truncated");
  });

  it.each<readonly [AskedStretch, number]>([
    [{ from: 5, to: 20 }, 5],
    [{ from: 15, to: 31 }, 30],
    [{ from: 10 }, 30],
    [{ to: 30 }, 0],
    [{ from: 100, to: 200 }, 100],
    [{ from: 0, to: 5 }, 0],
  ])("is told when %o was asked for and places 10 to 29 were given", async (asked, index) => {
    expect(await findingsOf(await exported({ from: 10, to: 30 }), { asked })).toEqual([truncated(index)]);
  });

  it.each<AskedStretch>([
    { from: 10, to: 30 },
    { from: 15, to: 20 },
    { from: 20, to: 20 },
  ])("is none when %o was asked for, and places 10 to 29 were given", async (asked) => {
    expect(await findingsOf(await exported({ from: 10, to: 30 }), { asked })).toEqual([]);
  });

  it("is told when the log ends before the places that were asked for; its end may be before theirs", async () => {
    expect(await findingsOf(await exported(), { asked: { from: 701 } })).toMatchObject([{ kind: "log_shrank" }]);
    const { findings, warnings } = await verified(await exported(), { asked: { to: 900 } });
    expect(findings.list).toEqual([]);
    expect(warnings).toEqual(["places up to 900 were asked for, and the checkpoint is of 700 entries"]);
  });

  it("leaves out no evidence unseen: what it told of is missing then", async () => {
    const told = retentionRecord(laterThan(records[699]?.timestamp, 40), {
      ...{ until: records[200]?.timestamp ?? "", places: "0+5", places_count: "5" },
    });
    const written = await exported({ records: [...records, told], from: 0, to: 100, evidence: [700] });
    await written.rewrite((lines) => lines.slice(5));
    expect(await findingsOf(written)).toEqual([]);
    await say(written, { evidence: [] });
    const kinds = async () => new Set((await findingsOf(written)).map(({ kind }) => kind));
    expect(await kinds()).toEqual(new Set(["record_removed", "record_inserted"]));
    await written.rewrite((lines) => lines.slice(5, -1));
    expect(await kinds()).toEqual(new Set(["record_removed"]));
  });
});

describe("a manifest", () => {
  it.each<readonly [string, object]>([
    ["format", { format: "vivified-audit-export/v2" }],
    ["origin", { origin: "vivified.local/other" }],
    ["a smaller size", { size: 699, to: 699 }],
    ["a larger size", { size: 701 }],
    ["an end behind the log", { to: 701 }],
    ["evidence that is no place behind", { evidence: [3] }],
    ["evidence behind the log", { evidence: [700] }],
    ["a field of its own", { verified: true }],
  ])("of another %s is none of this log", async (_, change) => {
    const written = await exported();
    await say(written, change as Partial<ExportManifest>);
    expect(await findingsOf(written, { asked: whole })).toMatchObject([{ kind: "malformed_export" }]);
  });

  it("moves nothing by what it says of its time and of what was asked for", async () => {
    const written = await exported();
    const before = await verified(written, { asked: whole });
    await say(written, { made_at: "1970-01-01T00:00:00Z", filter: { from: "10", to: "20", caller: "x" } });
    const { manifest, findings, ...after } = await verified(written, { asked: whole });
    expect({ ...before, ...after }).toEqual(before);
    expect(findings.list).toEqual([]);
  });
});

describe("vivified audit verify", () => {
  const verify = async (spec: Partial<ExportSpec>, ...args: readonly string[]) =>
    audit("verify", (await exported(spec)).directory, "--key", signer.vkey, ...args);

  it("says which places of how many it checked, and takes a stretch for one only when told so", async () => {
    const stretch = { from: 10, to: 30 };
    const unsaid = await verify(stretch);
    expect(unsaid.code).toBe(1);
    expect(unsaid.out).toMatch(/^records_truncated: place 0 .*places 10 to 29.*places 0 to 699.*680 records/m);
    const said = await verify(stretch, "--from", "10", "--to", "30");
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining("(places 10 to 29 of 700)\nverified") });
    const json = JSON.parse((await verify(stretch, "--from", "10", "--to", "30", "--json")).out);
    expect(json).toMatchObject({ ok: true, from: 10, to: 30, whole: false, checkpoint: { size: 700 } });
    expect(JSON.parse((await verify({}, "--json")).out)).toMatchObject({ from: 0, to: 700, whole: true });
  });

  it.each([
    ["a place that is none", ["--from", "-1"]],
    ["an end before its beginning", ["--from", "2", "--to", "1"]],
    ["a time in relation to now", ["--since", "24h"]],
    ["a time that is none", ["--until", "yesterday"]],
    ["a time that ends before it begins", ["--since", "2026-11-02", "--until", "2026-11-01"]],
    ["a stretch of one record", ["--from", "1", "--proof", "none"]],
  ])("does not understand %s", async (_, args) => {
    expect((await verify({}, ...args)).code).toBe(2);
  });
});
