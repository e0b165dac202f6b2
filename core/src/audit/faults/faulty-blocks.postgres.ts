import type { FaultPage, FaultQuery, FaultyBlock, WholeFaultyBlock } from "@vivified/contracts";
import type { Db } from "../../database/open-database.ts";

const defaultLimit = 100;
const columns = [
  ...(["stream_sequence", "writer", "fault", "epoch", "sequence"] as const),
  ...(["previous", "hash", "records", "ingested_at"] as const),
] as const;

/** One page of the blocks that do not fit, newest first, for as long as retention keeps blocks. */
export async function listFaultyBlocks({ limit = defaultLimit, before }: FaultQuery, db: Db): Promise<FaultPage> {
  const all = faulty(db).select(columns).orderBy("stream_sequence", "desc");
  const some = before === undefined ? all : all.where("stream_sequence", "<", String(before));
  const rows = await some.limit(limit + 1).execute();
  const faults = rows.slice(0, limit).map(told);
  const last = faults.at(-1);
  return { faults, ...(rows.length > limit && last && { next: last.stream_sequence }) };
}

/** A block that does not fit, with its bytes. */
export async function findFaultyBlock(streamSequence: number, db: Db): Promise<WholeFaultyBlock | undefined> {
  const query = faulty(db).select([...columns, "content"]);
  const row = await query.where("stream_sequence", "=", String(streamSequence)).executeTakeFirst();
  return row && { ...told(row), ...(row.content && { content: row.content.toString("base64") }) };
}

const faulty = (db: Db) => db.selectFrom("audit_blocks").where("fault", "is not", null);

type Row = Omit<FaultyBlock, "stream_sequence" | "sequence" | "fault" | "ingested_at"> & {
  readonly stream_sequence: string;
  readonly sequence: string;
  readonly fault: string | null;
  readonly ingested_at: Date;
};

function told({
  stream_sequence,
  writer,
  fault,
  epoch,
  sequence,
  previous,
  hash,
  records,
  ingested_at,
}: Row): FaultyBlock {
  return {
    ...{ stream_sequence: Number(stream_sequence), writer, fault: fault ?? "", epoch, sequence: Number(sequence) },
    ...{ previous, hash, records, ingested_at: ingested_at.toISOString() },
  };
}
