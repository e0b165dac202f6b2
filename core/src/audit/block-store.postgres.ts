import type { OutcomeRecord } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import type { BlockStore } from "./block-store.ts";
import type { ChainFault } from "./chain-fault.ts";
import { decisionStore } from "./decision-store.postgres.ts";
import { isDecision, isOutcome, type StreamedBlock } from "./parse-block.ts";
import { storableText } from "./storable-text.ts";

const rowsPerStatement = 1000;

export function blockStore(db: Db): BlockStore {
  return {
    lockPosition: async () => {
      const row = await db.selectFrom("audit_position").select("stream_sequence").forUpdate().executeTakeFirstOrThrow();
      return Number(row.stream_sequence);
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
    take: (streamed, fault) => take(db, streamed, fault),
    movePosition: async (streamSequence) => {
      await db
        .updateTable("audit_position")
        .set({ stream_sequence: String(streamSequence) })
        .execute();
    },
  };
}

async function take(db: Db, streamed: StreamedBlock, fault: ChainFault | undefined): Promise<void> {
  const { block, streamSequence } = streamed;
  const records = fault === "unstorable" ? [] : (block?.records ?? []);
  await db.insertInto("audit_blocks").values(blockRow(streamed, fault)).execute();
  await decisionStore(db).append(records.filter(isDecision), String(streamSequence));
  await appendOutcomes(db, records.filter(isOutcome), String(streamSequence));
}

function blockRow(streamed: StreamedBlock, fault: ChainFault | undefined) {
  const { block, streamSequence, hash, subjectWriter } = streamed;
  return {
    stream_sequence: String(streamSequence),
    writer: subjectWriter,
    epoch: storableText(block?.epoch ?? ""),
    sequence: String(block?.sequence ?? 0),
    previous: block?.previous ?? "",
    hash,
    records: block?.records.length ?? 0,
    fault: fault ?? null,
    ingested_at: new Date(),
  };
}

async function appendOutcomes(db: Db, records: readonly OutcomeRecord[], streamSequence: string): Promise<void> {
  for (let from = 0; from < records.length; from += rowsPerStatement) {
    const rows = records.slice(from, from + rowsPerStatement).map((record) => ({
      decision_id: storableText(record.decision_id),
      occurred_at: new Date(record.timestamp),
      record: JSON.stringify(record),
      stream_sequence: streamSequence,
    }));
    await db
      .insertInto("decision_outcomes")
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
