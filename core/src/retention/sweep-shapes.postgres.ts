import { type Kysely, sql } from "kysely";
import type { Tables } from "../database/tables.ts";

const shapesAtATime = 1_000;

/**
 * Deletes the shapes that no decision has any more: they hold names and reasons of records that are gone, and take the
 * room of new ones. Ingest waits meanwhile, a thousand at a time: it may be about to use one. Gives how many went.
 */
export async function sweepShapes(db: Kysely<Tables>, until: Date): Promise<number> {
  let [gone, deleted] = [0, 0];
  do {
    deleted = await db.transaction().execute(async (tx) => {
      await sql`select from audit_position for update`.execute(tx);
      const { numAffectedRows = 0n } = await sql`
        delete from decision_shapes where id in (
          select id from decision_shapes as shape
          where last_at <= ${until} and not exists (select from decision_counts where shape_id = shape.id)
          limit ${shapesAtATime})`.execute(tx);
      return Number(numAffectedRows);
    });
    gone += deleted;
  } while (deleted === shapesAtATime);
  return gone;
}
