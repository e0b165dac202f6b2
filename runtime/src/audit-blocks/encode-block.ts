import { createHash } from "node:crypto";
import type { AuditBlock } from "@vivified/contracts";

export type BlockHead = Omit<AuditBlock, "version" | "records">;
export type EncodedBlock = { readonly bytes: Uint8Array; readonly hash: string };

/**
 * A block's bytes from records that are canonical JSON already, so that a record is encoded once. The members are
 * written in the order that RFC 8785 wants; a test compares the result with the canonical form of the whole.
 */
export function encodeBlock(head: BlockHead, records: readonly string[]): EncodedBlock {
  const start = `{"epoch":${quoted(head.epoch)},"previous":${quoted(head.previous)},"records":[`;
  const end = `],"sequence":${head.sequence},"version":1,"writer":${quoted(head.writer)}}`;
  const bytes = Buffer.from(start + records.join(",") + end);
  return { bytes, hash: hashBlock(bytes) };
}

/** Hex SHA-256 of a block as stored; the next block's `previous`. */
export function hashBlock(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const quoted = (text: string): string => JSON.stringify(text);
