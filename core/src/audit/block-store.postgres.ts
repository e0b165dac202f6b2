import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { BlockStore, JudgedBlock } from "./block-store.ts";
import type { ChainFault } from "./chain-fault.ts";
import type { StreamedBlock } from "./parse-block.ts";
import { storableText } from "./storable-text.ts";
import { takeRecords } from "./take-records.postgres.ts";

export function blockStore(db: Db): BlockStore {
  return {
    lockPosition: async () => {
      const row = await db.selectFrom("audit_position").selectAll().forUpdate().executeTakeFirstOrThrow();
      return { streamSequence: Number(row.stream_sequence), logSize: Number(row.log_size) };
    },
    lastOf: async (writer) => {
      const row = await db
        .selectFrom("audit_blocks")
        .select(["epoch", "sequence", "hash"])
        .where("writer", "=", writer)
        .orderBy("stream_sequence", "desc")
        .limit(1)
        .executeTakeFirst();
      return row && { epoch: row.epoch, sequence: Number(row.sequence), hash: row.hash };
    },
    hasEpoch: async (writer, epoch) => {
      const of = db.selectFrom("audit_blocks").select("stream_sequence").where("writer", "=", writer);
      return (await of.where("epoch", "=", storableText(epoch)).limit(1).executeTakeFirst()) !== undefined;
    },
    takeRecords: (records) => takeRecords(db, records),
    takeBlocks: async (blocks) => {
      const rows = blocks.map(({ streamed, fault }: JudgedBlock) => blockRow(streamed, fault));
      await db.insertInto("audit_blocks").values(rows).execute();
    },
    movePosition: async ({ streamSequence, logSize }) => {
      await sql`update audit_position set stream_sequence = ${streamSequence}, log_size = ${logSize}`.execute(db);
    },
  };
}

function blockRow(streamed: StreamedBlock, fault: ChainFault | undefined) {
  const { block, streamSequence, hash, subjectWriter, bytes } = streamed;
  return {
    stream_sequence: String(streamSequence),
    writer: storableText(subjectWriter),
    epoch: storableText(block?.epoch ?? ""),
    sequence: String(block?.sequence ?? 0),
    previous: block?.previous ?? "",
    hash,
    records: block?.records.length ?? 0,
    fault: fault ?? null,
    content: fault === undefined ? null : Buffer.from(bytes),
    ingested_at: new Date(),
  };
}
