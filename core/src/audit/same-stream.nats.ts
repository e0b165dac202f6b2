import { createHash } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { type NatsConnection, VivifiedError } from "@vivified/runtime";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";

/**
 * Holds the audit stream to be the one that was taken in: it reaches as far, and where it has the last block that was, that
 * block has the bytes that it had. Of a stream that was lost or replaced nothing may pass for known.
 *
 * @returns how far it was taken in
 * @throws VivifiedError `audit_unavailable`
 */
export async function sameStream(nats: NatsConnection, db: Kysely<Tables>): Promise<number> {
  const { position, hash } = await lastTaken(db);
  const { streams } = await jetstreamManager(nats);
  const { last_seq: end } = (await streams.info(auditEventsStream.name)).state;
  if (end < position) throw replaced(`ends at ${end}, before ${position}`);
  if (hash === null) return position; // retention let its row go
  const there = await streams.getMessage(auditEventsStream.name, { seq: position });
  if (there !== null && createHash("sha256").update(there.data).digest("hex") !== hash)
    throw replaced(`has another block at ${position} than that`);
  return position;
}

async function lastTaken(db: Kysely<Tables>) {
  const row = await db
    .selectFrom("audit_position")
    .leftJoin("audit_blocks", "audit_blocks.stream_sequence", "audit_position.stream_sequence")
    .select(["audit_position.stream_sequence", "hash"])
    .executeTakeFirstOrThrow();
  return { position: Number(row.stream_sequence), hash: row.hash };
}

const replaced = (how: string) =>
  new VivifiedError("audit_unavailable", { detail: `the audit stream ${how}, which was taken in` });
