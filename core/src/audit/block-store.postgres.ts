import type { OutcomeRecord } from "@vivified/contracts";
import type { Db } from "../database/open-database.ts";
import type { BlockStore, JudgedBlock } from "./block-store.ts";
import type { ChainFault } from "./chain-fault.ts";
import { appendDecisions } from "./decision-store.postgres.ts";
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
    take: (blocks) => take(db, blocks),
    movePosition: async (streamSequence) => {
      await db
        .updateTable("audit_position")
        .set({ stream_sequence: String(streamSequence) })
        .execute();
    },
  };
}

/** One statement for all blocks, one for all their decisions, one for all outcomes. */
async function take(db: Db, blocks: readonly JudgedBlock[]): Promise<void> {
  const rows = blocks.map(({ streamed, fault }) => blockRow(streamed, fault));
  await db.insertInto("audit_blocks").values(rows).execute();
  const records = blocks.flatMap(storable);
  await appendDecisions(
    db,
    records.flatMap(({ record, streamSequence }) => (isDecision(record) ? [{ record, streamSequence }] : [])),
  );
  await appendOutcomes(
    db,
    records.flatMap(({ record, streamSequence }) => (isOutcome(record) ? [{ record, streamSequence }] : [])),
  );
}

function storable({ streamed, fault }: JudgedBlock) {
  const records = fault === "unstorable" ? [] : (streamed.block?.records ?? []);
  return records.map((record) => ({ record, streamSequence: String(streamed.streamSequence) }));
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

type PlacedOutcome = { readonly record: OutcomeRecord; readonly streamSequence: string };

async function appendOutcomes(db: Db, outcomes: readonly PlacedOutcome[]): Promise<void> {
  for (let from = 0; from < outcomes.length; from += rowsPerStatement) {
    const rows = outcomes.slice(from, from + rowsPerStatement).map(({ record, streamSequence }) => ({
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
