import type { PlaceRange } from "@vivified/contracts";
import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Places of the log that lose their record in this transaction. */
export type DeletedPlaces = {
  /** Notes what a query gives as `log_index`; what is in no log has none. */
  readonly note: (places: RawBuilder<unknown>) => Promise<void>;
  /** Runs `delete … returning log_index`, notes what it gives, and counts all that went. */
  readonly noteDeleted: (deletion: RawBuilder<unknown>) => Promise<number>;
  /** All of them, in the order of the log, as few ranges as possible. */
  readonly ranges: () => Promise<readonly PlaceRange[]>;
};

/** Begins to note; once in a transaction. */
export async function deletedPlaces(tx: Transaction<Tables>): Promise<DeletedPlaces> {
  await sql`create temporary table deleted_places (log_index bigint not null) on commit drop`.execute(tx);
  return {
    note: async (places) => {
      await sql`insert into deleted_places ${places}`.execute(tx);
    },
    noteDeleted: (deletion) => noteDeleted(tx, deletion),
    ranges: () => ranges(tx),
  };
}

async function noteDeleted(tx: Transaction<Tables>, deletion: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    with gone as (${deletion}),
      noted as (insert into deleted_places select log_index from gone where log_index is not null)
    select count(*) as n from gone`.execute(tx);
  return Number(rows[0]?.n ?? 0);
}

/** Places that follow each other are as far from their number in the order. */
async function ranges(tx: Transaction<Tables>): Promise<readonly PlaceRange[]> {
  const { rows } = await sql<{ first: string; last: string }>`
    select min(log_index) as first, max(log_index) as last
    from (select log_index, log_index - row_number() over (order by log_index) as island from deleted_places) as places
    group by island order by 1`.execute(tx);
  return rows.map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
}
