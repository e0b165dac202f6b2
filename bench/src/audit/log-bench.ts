import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bundlePath,
  bytesOf,
  decodeBundle,
  equalHashes,
  inclusionProof,
  leafHash,
  newBundles,
  rootOf,
  tileHashes,
  verifyInclusion,
} from "@vivified/tlog";
import { askOutside } from "@vivified/tlog/outside-fixtures";
import { growLog } from "../../../core/src/transparency/grow-log.ts";
import { logIdentity } from "../../../core/src/transparency/log-identity.ts";
import { diskStorage } from "../../../core/src/transparency/log-storage.disk.ts";
import type { LogStorage } from "../../../core/src/transparency/log-storage.ts";
import type { SignedCheckpoint } from "../../../core/src/transparency/log-store.ts";
import { storedTiles } from "../../../core/src/transparency/stored-tiles.ts";
import type { Row } from "../table.ts";
import { verifyExportBench } from "./verify-export-bench.ts";

const records = 100_000;
const perCheckpoint = 10_000;
const proofs = 1_000;
const origin = "bench.example";

/** How fast the audit log is built on this disk, as it would be with 10,000 records a checkpoint, and how fast it is verified. */
export async function logBench(): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "vivified-log-bench-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const identity = logIdentity(pem, origin);
  const storage = diskStorage(directory);
  const built = await timed(() => build(storage, identity));
  const verified = await timed(() => verify(storage, built.result));
  const proved = await timed(() => prove(storage, built.result));
  await storage.replace("checkpoint", Buffer.from(built.result.note));
  const outside = await timed(() => askOutside("check", directory, identity.vkey));
  if (!outside.result.ok) throw new Error(outside.result.says);
  return [
    row("audit log: records built into tiles, fsynced and signed", `${rate(records, built.ms)} a second`),
    row(
      "audit log: records verified, every entry up to the root",
      `${rate(records, verified.ms)} a second`,
      `Go's sumdb and torchwood ${rate(records, outside.ms)}`,
    ),
    await verifyExportBench(),
    row("audit log: inclusion proofs made from tiles and verified", `${rate(proofs, proved.ms)} a second`),
    row("audit log: bytes a record, entries and hashes", `${Math.round((await bytesIn(directory)) / records)}`),
  ];
}

/** Entries of the size that real ones have. */
function entry(at: number): Buffer {
  const id = `01900000-0000-7000-8000-${String(at).padStart(12, "0")}`;
  return Buffer.from(
    `{"digest":"${"0123456789abcdef".repeat(4)}","id":"${id}","kind":"decision","timestamp":"2026-11-26T12:00:00.000Z"}`,
  );
}

async function build(storage: LogStorage, identity: ReturnType<typeof logIdentity>): Promise<SignedCheckpoint> {
  let last: SignedCheckpoint | undefined;
  for (let from = 0; from < records; from += perCheckpoint) {
    const entries = Array.from({ length: perCheckpoint }, (_, at) => entry(from + at));
    last = { ...(await growLog(last, entries, { identity, storage })), madeAt: new Date() };
  }
  if (last === undefined) throw new Error("nothing was built");
  return last;
}

async function verify(storage: LogStorage, { size, root }: SignedCheckpoint): Promise<void> {
  const leaves: Uint8Array[] = [];
  for (const bundle of newBundles(0, size)) {
    const bytes = await storage.read(bundlePath(bundle));
    leaves.push(...decodeBundle(bytes ?? Buffer.alloc(0)).map(leafHash));
  }
  if (!equalHashes(rootOf(leaves), bytesOf(root) ?? Buffer.alloc(0))) throw new Error("the root is another");
}

async function prove(storage: LogStorage, { size, root }: SignedCheckpoint): Promise<void> {
  const hashes = tileHashes(size, storedTiles(storage));
  for (let at = 0; at < proofs; at += 1) {
    const index = (at * 7_919) % size;
    const claim = { index, size, leaf: leafHash(entry(index)), root: bytesOf(root) ?? Buffer.alloc(0) };
    if (!verifyInclusion(claim, await inclusionProof({ index, size }, hashes))) throw new Error(`no proof of ${index}`);
  }
}

async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile());
  const sizes = await Promise.all(files.map(async (one) => (await stat(join(one.parentPath, one.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  const began = performance.now();
  const result = await work();
  return { ms: performance.now() - began, result };
}

const rate = (count: number, ms: number) => Math.round((count / ms) * 1000).toLocaleString("en");
const row = (measure: string, value: string, against?: string): Row => ({
  measure,
  value,
  ...(against && { against }),
});
