import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointOf, type ExportSpec, type TestRecord, testKey, testWitness } from "./export.fixtures.ts";
import { logKey, witnessKey } from "./trusted-keys.ts";
import { type ExportGround, exportGround, findingsOf, idOf, records, signer, verified } from "./verify.fixtures.ts";

let ground: ExportGround;
const exported = (spec?: Partial<ExportSpec>) => ground.exported(spec);

beforeAll(async () => {
  ground = await exportGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

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

  it("may be one of the key before this one, when that is known, and shows forks as any other", async () => {
    const old = testKey();
    const kept = (of: typeof records) => ({ kept: Buffer.from(checkpointOf(of.slice(0, 300), old)) });
    const oldLog = await logKey(old.vkey);
    expect(await findingsOf(await exported(), kept(records))).toMatchObject([{ kind: "bad_kept_checkpoint" }]);
    expect(await findingsOf(await exported(), { ...kept(records), oldLog })).toEqual([]);
    expect(await findingsOf(await exported(), { ...kept(forked), oldLog })).toMatchObject([{ kind: "forked_log" }]);
    const other = await logKey(testKey().vkey);
    expect(await findingsOf(await exported(), { ...kept(records), oldLog: other })).toMatchObject([
      { kind: "bad_kept_checkpoint" },
    ]);
  });

  it("may still be one of this key when an older one is known", async () => {
    expect(await findingsOf(await exported(), { ...keptAt(300), oldLog: await logKey(testKey().vkey) })).toEqual([]);
  });

  it("does not make its old key one of the export's: only the new one vouches for that", async () => {
    const old = testKey();
    const kept = Buffer.from(checkpointOf(records.slice(0, 300), old));
    const trusted = { kept, oldLog: await logKey(old.vkey) };
    expect(await verified(await exported({ signer: old }), trusted)).toMatchObject({
      verified: 0,
      findings: { list: [{ kind: "unknown_key" }] },
    });
  });

  it("cannot be compared with a stretch that does not lead there", async () => {
    const written = await exported({ from: 0, to: 10 });
    await written.alter("tile/0/001", () => undefined);
    expect(await findingsOf(written, keptAt(300))).toMatchObject([{ kind: "not_comparable" }]);
  });
});
