import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MemoryLog, memoryLog, someEntries } from "./log.fixtures.ts";
import { base64Of } from "./note/base64.ts";
import { formatCheckpoint } from "./note/checkpoint.ts";
import { cosign, signNote } from "./note/sign-note.ts";
import { formatTlogProof } from "./note/tlog-proof.ts";
import { formatVerifierKey, signatureTypes, verifierKeyOf } from "./note/verifier-key.ts";
import { askOutside, writeLog } from "./outside-verifier.fixtures.ts";
import { tileHashes } from "./tiles/tile-hashes.ts";
import { inclusionProof } from "./tree/inclusion-proof.ts";

const origin = "example.org/audit";
const key = generateKeyPairSync("ed25519").privateKey;
const vkey = formatVerifierKey(verifierKeyOf(origin, signatureTypes.note, key));
const witness = { name: "witness.example/w1", key: generateKeyPairSync("ed25519").privateKey };
const witnessKey = formatVerifierKey(verifierKeyOf(witness.name, signatureTypes.cosignature, witness.key));
const textOf = ({ size, root }: MemoryLog) => formatCheckpoint({ origin, size, root, extensions: [] });
const signed = (log: MemoryLog) => signNote(textOf(log), { name: origin, key });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "vivified-tlog-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function write(log: MemoryLog): Promise<void> {
  await writeLog(directory, new Map<string, Uint8Array | string>([...log.files, ["checkpoint", signed(log)]]));
}

describe("Go's sumdb and torchwood", () => {
  it.each([1, 2, 255, 256, 257, 511, 65_536, 65_537, 70_000])("accept a log of %i entries", async (size) => {
    const entries = someEntries(size);
    const log = memoryLog(entries);
    await write(log);
    const older = memoryLog(entries.slice(0, Math.ceil(size / 2)));
    const verdict = await askOutside("check", directory, vkey, `${older.size}:${base64Of(older.root)}`);
    expect(verdict).toEqual({ ok: true, says: `ok ${size} ${base64Of(log.root)}` });
  });

  it("refuse a log that did not begin as it is said to", async () => {
    await write(memoryLog(someEntries(300)));
    const other = memoryLog(someEntries(200).toReversed());
    const verdict = await askOutside("check", directory, vkey, `200:${base64Of(other.root)}`);
    expect(verdict).toMatchObject({ ok: false });
  });

  it("refuse a log when one byte of any of its files is changed, or a file is missing", async () => {
    const log = memoryLog(someEntries(600));
    await write(log);
    for (const path of ["checkpoint", ...log.files.keys()]) {
      const whole = await readFile(join(directory, path));
      const changed = Buffer.from(whole);
      const at = Math.floor(whole.length / 2);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await writeFile(join(directory, path), changed);
      expect(await askOutside("check", directory, vkey), path).toMatchObject({ ok: false });
      await rm(join(directory, path));
      expect(await askOutside("check", directory, vkey), path).toMatchObject({ ok: false });
      await writeFile(join(directory, path), whole);
    }
    expect(await askOutside("check", directory, vkey)).toMatchObject({ ok: true });
  });

  it("refuse another key's signature", async () => {
    await write(memoryLog(someEntries(3)));
    const other = verifierKeyOf(origin, signatureTypes.note, generateKeyPairSync("ed25519").privateKey);
    expect(await askOutside("check", directory, formatVerifierKey(other))).toMatchObject({ ok: false });
  });
});

describe("torchwood", () => {
  it("accepts our .tlog-proof with a witness's cosignature, and refuses it for another entry or witness", async () => {
    const entries = someEntries(300);
    const log = memoryLog(entries);
    const proof = await inclusionProof({ index: 299, size: 300 }, tileHashes(300, log.readTile));
    const checkpoint = signed(log) + cosign(textOf(log), 1_700_000_000, witness);
    const [paper, entry, other] = ["proof", "entry", "other"].map((name) => join(directory, name));
    if (paper === undefined || entry === undefined || other === undefined) throw new Error("unreachable");
    await writeFile(paper, formatTlogProof({ index: 299, proof, checkpoint }));
    await writeFile(entry, entries[299] ?? "");
    await writeFile(other, entries[298] ?? "");
    expect(await askOutside("proof", paper, entry, vkey, witnessKey)).toEqual({ ok: true, says: "ok" });
    expect(await askOutside("proof", paper, other, vkey, witnessKey)).toMatchObject({ ok: false });
    const stranger = verifierKeyOf("stranger", signatureTypes.cosignature, generateKeyPairSync("ed25519").privateKey);
    expect(await askOutside("proof", paper, entry, vkey, formatVerifierKey(stranger))).toMatchObject({ ok: false });
  });
});
