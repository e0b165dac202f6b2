import { type Kysely, sql } from "kysely";

/** A search looks only at shapes that were in use when it looks, and at wide ones where words and resources are asked for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index decision_shapes_newest on decision_shapes (last_at)`.execute(db);
  await sql`create index decision_shapes_in_use on decision_shapes using gist (tstzrange(first_at, last_at, '[]'))`.execute(
    db,
  );
  await sql`create index decision_shapes_by_revision on decision_shapes (revision)`.execute(db);
  await sql`create index decision_shapes_wide on decision_shapes (id) where wide`.execute(db);
}
