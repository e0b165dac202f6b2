import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";

/** A block as the rows know it; its hash is hex SHA-256. */
export type KnownBlock = { readonly sequence: number; readonly hash: string };

const blocksPerPage = 10_000;

/** Every block that the rows know, in the order of the stream; a page of them in memory, and each page a query of its own. */
export async function* knownBlocks(db: Db): AsyncGenerator<KnownBlock, undefined> {
  for (let after = -1; ; ) {
    const page = await pageOf(db, after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return undefined;
    after = last.sequence;
  }
}

async function pageOf(db: Db, after: number): Promise<readonly KnownBlock[]> {
  const { rows } = await sql<{ sequence: string; hash: string }>`
    select stream_sequence as sequence, hash from audit_blocks where stream_sequence > ${after}
    order by stream_sequence limit ${blocksPerPage}`.execute(db);
  return rows.map(({ sequence, hash }) => ({ sequence: Number(sequence), hash }));
}
