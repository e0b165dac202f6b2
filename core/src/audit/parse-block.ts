import { createHash } from "node:crypto";
import {
  type AuditBlock,
  type AuditRecord,
  auditBlockPrefix,
  canonicalJson,
  controlPlaneWriter,
  coreWriter,
  type DecisionRecord,
  type JsonObject,
  logEntry,
  type OutcomeRecord,
} from "@vivified/contracts";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

const text = Type.String();
const moment = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$" });
const Reason = Type.Object({ rule: text, message: text, fix: text });

/** What ingestion relies on; records may carry more, and are kept whole. */
const Decision = Type.Object({
  kind: Type.Literal("decision"),
  decision_id: Type.String({ minLength: 1, maxLength: 64 }),
  timestamp: moment,
  lane: Type.Enum(["events", "rpc", "egress", "core", "mesh"]),
  entrypoint: text,
  caller: text,
  action: text,
  resource: text,
  target: Type.Optional(text),
  result: Type.Object({
    effect: Type.Enum(["allow", "sanitize", "deny"]),
    reasons: Type.Array(Reason),
    obligations: Type.Array(Type.Object({ path: text, action: text })),
  }),
  trace_id: text,
  parent_id: Type.Optional(text),
});
const Outcome = Type.Object({
  kind: Type.Literal("outcome"),
  decision_id: Type.String({ minLength: 1, maxLength: 64 }),
  timestamp: moment,
  outcome: text,
  duration_ms: Type.Number(),
});
const Block = Type.Object({
  version: Type.Literal(1),
  writer: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }),
  epoch: Type.String({ minLength: 1, maxLength: 64 }),
  sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  previous: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  records: Type.Array(Type.Union([Decision, Outcome])),
});
type Block = Static<typeof Block>;
const blocks = Compile(Block);

/** A message of the audit stream. `block` is absent when its bytes are not a block. */
export type StreamedBlock = {
  readonly streamSequence: number;
  /** What its subject says behind `audit.blocks.`. */
  readonly subjectWriter: string;
  readonly bytes: Uint8Array;
  /** Hex SHA-256 of the bytes as stored. */
  readonly hash: string;
  readonly block?: AuditBlock;
  /** The database could not hold its records. */
  readonly unstorable?: true;
};

/** Who alone may write records of a lane. */
const speakers: { readonly [lane in DecisionRecord["lane"]]?: string } = { core: coreWriter, mesh: controlPlaneWriter };

/** What a process says of itself counts from its own subject only: in anybody else's block it makes the block none. */
function speaksForItself({ records }: AuditBlock, subjectWriter: string): boolean {
  return records.filter(isDecision).every(({ lane }) => (speakers[lane] ?? subjectWriter) === subjectWriter);
}

export function parseBlock(message: { seq: number; subject: string; data: Uint8Array }): StreamedBlock {
  const read = blockOf(message.data);
  const subjectWriter = message.subject.slice(auditBlockPrefix.length);
  const block = read && speaksForItself(read, subjectWriter) ? read : undefined;
  return {
    streamSequence: message.seq,
    subjectWriter,
    bytes: message.data,
    hash: createHash("sha256").update(message.data).digest("hex"),
    ...(block && { block }),
  };
}

function blockOf(data: Uint8Array): AuditBlock | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    const value: unknown = JSON.parse(text);
    return blocks.Check(value) && isPlain(value, text) && isWritable(value)
      ? (value as Block as AuditBlock)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Written again it is the same text: it says nothing that two readers could read differently, as a key does that comes twice. */
const isPlain = (value: Block, text: string): boolean =>
  JSON.stringify(value) === text || canonicalJson(value as object as JsonObject) === text;

/** Its times are times, and every record can be written again. @throws RangeError for one that is nested too deeply */
const isWritable = ({ records }: Block): boolean =>
  records.every(hasRealTime) && records.every((record) => logEntry(record as AuditRecord) !== "");

const hasRealTime = (record: { timestamp: string }): boolean => !Number.isNaN(Date.parse(record.timestamp));

export const isDecision = (record: AuditRecord): record is DecisionRecord => record.kind === "decision";
export const isOutcome = (record: AuditRecord): record is OutcomeRecord => record.kind === "outcome";
