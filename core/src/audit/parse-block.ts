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
import { type BlockMessage, blockMessages } from "./block-schema.ts";

/** A message of the audit stream. `block` is absent when its bytes are not a block. */
export type StreamedBlock = {
  readonly streamSequence: number;
  /** The sequence of the one that was delivered before it: it is taken in behind that one only. */
  readonly after?: number;
  /** What its subject says behind `audit.blocks.`; a digest of it where no writer of ours could be called so. */
  readonly subjectWriter: string;
  /** When NATS stored it. */
  readonly stampedAt: Date;
  readonly bytes: Uint8Array;
  /** Hex SHA-256 of the bytes as stored. */
  readonly hash: string;
  /** What it says. Absent when nobody whose word counts says it, or its bytes are not a block. */
  readonly block?: AuditBlock;
  /** It has no signature of the writer that its subject names. */
  readonly unsigned?: true;
  /** The database could not hold its records. */
  readonly unstorable?: true;
};

/** Who alone may write records of a lane. */
const speakers: { readonly [lane in DecisionRecord["lane"]]?: string } = { core: coreWriter, mesh: controlPlaneWriter };

/** What a process says of itself counts from its own subject only: in anybody else's block it makes the block none. */
function speaksForItself({ records }: AuditBlock, subjectWriter: string): boolean {
  const isGateway = !Object.values(speakers).includes(subjectWriter);
  return records
    .filter(isDecision)
    .every(({ lane }) => (lane === "gateway" ? isGateway : (speakers[lane] ?? subjectWriter) === subjectWriter));
}

/** What a message of JetStream says. */
export type StreamMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly time: Date;
  readonly headers?: { readonly get: (name: string) => string } | undefined;
};

/** Takes a message for what it says; whether its writer said it is not asked. See `readBlock`. */
export function parseBlock(message: StreamMessage): StreamedBlock {
  const told = unread(message);
  const read = blockOf(message.data);
  const block = read && speaksForItself(read, told.subjectWriter) ? read : undefined;
  return { ...told, ...(block && { block }) };
}

/** A message without a look into it. */
export function unread({ seq, subject, data, time }: StreamMessage): StreamedBlock {
  const hash = createHash("sha256").update(data).digest("hex");
  return { streamSequence: seq, subjectWriter: writerIn(subject), stampedAt: time, bytes: data, hash };
}

/** Bounded, and text that every column and index holds, whatever somebody published on. */
function writerIn(subject: string): string {
  const writer = subject.slice(auditBlockPrefix.length);
  return /^[\x21-\x7e]{1,128}$/.test(writer) ? writer : `sha256:${createHash("sha256").update(writer).digest("hex")}`;
}

function blockOf(data: Uint8Array): AuditBlock | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    const value: unknown = JSON.parse(text);
    return isShallow(value) && blockMessages.Check(value) && isPlain(value, text) && isWritable(value)
      ? (value as BlockMessage as AuditBlock)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Deeper than any record of ours. How deep a stack reaches is another depth wherever it is asked, so it may decide nothing. */
const mostLevels = 256;

const isShallow = (value: unknown, left = mostLevels): boolean =>
  typeof value !== "object" ||
  value === null ||
  (left > 0 && Object.values(value).every((member) => isShallow(member, left - 1)));

/** Written again it is the same text: it says nothing that two readers could read differently, as a key does that comes twice. */
const isPlain = (value: BlockMessage, text: string): boolean =>
  JSON.stringify(value) === text || canonicalJson(value as object as JsonObject) === text;

/** Its times are times, and every record can be written again. */
const isWritable = ({ records }: BlockMessage): boolean =>
  records.every(hasRealTime) && records.every((record) => logEntry(record as AuditRecord) !== "");

const hasRealTime = (record: { timestamp: string }): boolean => !Number.isNaN(Date.parse(record.timestamp));

export const isDecision = (record: AuditRecord): record is DecisionRecord => record.kind === "decision";
export const isOutcome = (record: AuditRecord): record is OutcomeRecord => record.kind === "outcome";
