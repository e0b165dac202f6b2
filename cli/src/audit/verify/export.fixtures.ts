import { generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canonicalJson, logLine } from "@vivified/contracts";
import { cosign, formatCheckpoint, formatVerifierKey, signatureTypes, signNote, verifierKeyOf } from "@vivified/tlog";
import { memoryLog } from "@vivified/tlog/fixtures";
import type { AskedStretch } from "./asked-stretch.ts";

export type TestRecord = Record<string, unknown> & { readonly decision_id: string; readonly timestamp: string };

const start = Date.parse("2024-11-20T00:00:00.000Z");

/** Records as a log holds them: decisions a second apart, every fifth followed by its outcome. */
export function someRecords(count: number): TestRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const timestamp = new Date(start + at * 1000).toISOString();
    const decision_id = `0192f3a0-0000-7000-8000-${String(at).padStart(12, "0")}`;
    if (at % 5 === 4)
      return { kind: "outcome", decision_id, timestamp, outcome: "done", status: 200, duration_ms: 3.5 };
    return { kind: "decision", decision_id, timestamp, ...decision(at) };
  });
}

const decision = (at: number) => ({
  ...{ lane: "rpc", entrypoint: "rpc/invoke", path: "vivified/rpc/invoke/decision", revision: "0123456789abcdef" },
  ...{ caller: "workflow-orchestrator", action: "invoke", resource: "user-management.get_user", snapshot: at },
  input: {
    subject: { id: "workflow-orchestrator", traits: ["handles_pii"] },
    fields: [{ path: "/id", type: "string" }],
  },
  result: { effect: "allow", reasons: [{ rule: "rpc.granted", message: "Granted", fix: "" }], obligations: [] },
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  labels: { writer: "gateway-0" },
});

export type TestKey = { readonly name: string; readonly key: KeyObject; readonly vkey: string };

export function testKey(name = "vivified.local/audit", type: 1 | 4 = signatureTypes.note): TestKey {
  const { privateKey: key } = generateKeyPairSync("ed25519");
  return { name, key, vkey: formatVerifierKey(verifierKeyOf(name, type, key)) };
}
export const testWitness = (name: string): TestKey => testKey(name, signatureTypes.cosignature);

/** What the log has of a record: written here once more, so that the verifier's own reading is held to it. */
export function entryOf(record: TestRecord): string {
  const digest = hash("sha256", canonicalJson(record));
  return `{"digest":"${digest}","id":"${record.decision_id}","kind":"${record.kind}","timestamp":"${record.timestamp}"}`;
}

/** The log's checkpoint after these records, signed, and cosigned by witnesses. */
export function checkpointOf(
  records: readonly TestRecord[],
  signer: TestKey,
  witnesses: readonly TestKey[] = [],
): string {
  const { size, root } = memoryLog(records.map(entryOf));
  const text = formatCheckpoint({ origin: signer.name, size, root, extensions: [] });
  return signNote(text, signer) + witnesses.map((witness) => cosign(text, 1_790_000_000, witness)).join("");
}

export type WrittenExport = {
  /** What an auditor asked for who gets this export. */
  readonly asked: AskedStretch;
  readonly directory: string;
  readonly lines: readonly string[];
  /** Replaces the lines of `records.ndjson`. */
  readonly rewrite: (change: (lines: string[]) => readonly string[]) => Promise<void>;
  /** Changes a file, or takes it away. */
  readonly alter: (name: string, change: (bytes: Buffer) => Buffer | undefined) => Promise<void>;
};

export type ExportSpec = {
  readonly records: readonly TestRecord[];
  readonly signer: TestKey;
  readonly witnesses?: readonly TestKey[];
  readonly from?: number;
  readonly to?: number;
  readonly evidence?: readonly number[];
};

/** Writes a whole export of a log as a directory. */
export async function writeTestExport(directory: string, spec: ExportSpec): Promise<WrittenExport> {
  const { records, signer, from = 0, to = records.length, evidence = [] } = spec;
  const { files, size } = memoryLog(records.map(entryOf));
  const places = [...records.keys()].filter((at) => (at >= from && at < to) || evidence.includes(at));
  const lines = places.map((at) => logLine(at, canonicalJson(records[at])));
  const head = { format: "vivified-audit-export/v1", origin: signer.name, made_at: "2026-11-26T20:00:00.000Z" };
  const put = async (name: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  };
  const putLines = (all: readonly string[]) => put("records.ndjson", all.map((line) => `${line}\n`).join(""));
  await put("manifest.json", JSON.stringify({ ...head, size, from, to, evidence, filter: {} }));
  await put("checkpoint", checkpointOf(records, signer, spec.witnesses));
  for (const [name, bytes] of files) await put(name, bytes);
  await putLines(lines);
  return {
    ...{ directory, lines, asked: { from, to } },
    rewrite: (change) => putLines(change([...lines])),
    alter: async (name, change) => {
      const changed = change(await readFile(join(directory, name)));
      if (changed === undefined) await rm(join(directory, name));
      else await writeFile(join(directory, name), changed);
    },
  };
}
