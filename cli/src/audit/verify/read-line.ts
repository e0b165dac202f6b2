import { hash } from "node:crypto";
import { canonicalJson, logLine } from "@vivified/contracts";

/** A line of `records.ndjson`. */
export type ExportedRecord = {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  /** The place in the log that it claims. */
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  readonly timestamp: string;
  readonly digest: string;
  readonly record: Readonly<Record<string, unknown>>;
};

/**
 * Reads a line; undefined when its text is not exactly the canonical JSON of a place and a record. So a line says one thing
 * to every reader: no key is there twice, no number is written in two ways.
 */
export function readLine(text: string, line: number): ExportedRecord | undefined {
  try {
    const { index, record } = JSON.parse(text);
    const canonical = canonicalJson(record);
    if (!Number.isSafeInteger(index) || text !== logLine(index, canonical)) return undefined;
    const { decision_id: id, kind, timestamp } = record;
    if ([id, kind, timestamp].some((one) => typeof one !== "string")) return undefined;
    return { line, index, id, kind, timestamp, digest: hash("sha256", canonical), record };
  } catch {
    return undefined;
  }
}
