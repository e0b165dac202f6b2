import { createHash } from "node:crypto";
import type { AuditRecord } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";

/** What the transparency log keeps of a record: enough to prove it, whatever its size, and nothing of what it says. */
export type LogEntry = {
  /** Hex SHA-256 of the record's canonical JSON (RFC 8785); see `logEntry` for the text that has none. */
  readonly digest: string;
  /** The decision that it is, or that it tells the outcome of. */
  readonly id: string;
  readonly kind: AuditRecord["kind"];
  readonly timestamp: string;
};

/**
 * The leaf of a record: canonical JSON of its `LogEntry`, a few hundred bytes. Whatever a block may hold has one: half a
 * surrogate pair, which RFC 8785 has no form for, counts as U+FFFD, and a number beyond all numbers as null.
 *
 * @throws RangeError for a record that is nested too deeply to be written
 */
export function logEntry(record: AuditRecord): string {
  const digest = createHash("sha256").update(canonicalRecord(record)).digest("hex");
  const { decision_id: id, kind, timestamp } = record;
  const entry: LogEntry = { digest, id, kind, timestamp };
  return digestible(entry);
}

/** The text of a record that its digest is of. @throws RangeError as above */
export const canonicalRecord = (record: AuditRecord): string => digestible(record);

function digestible(value: object): string {
  const text = JSON.stringify(value);
  return canonicalJson(JSON.parse(text.replace(escaped, (found) => (found.length > 2 ? "\\ufffd" : found))));
}

/** Escapes as `JSON.stringify` writes them, one by one; only surrogates without their other half are longer than two. */
const escaped = /\\(?:ud[89a-f][0-9a-f]{2}|.)/g;
