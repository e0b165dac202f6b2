import { type Kysely, sql } from "kysely";
import { firstEventTypes } from "./first-event-types.ts";

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table event_types (
      type text primary key,
      tenant_id text not null,
      schema jsonb not null,
      registered_at timestamptz not null
    )`.execute(db);
  for (const [type, schema] of Object.entries(firstEventTypes)) {
    await sql`insert into event_types values (${type}, 'default', ${JSON.stringify(schema)}::jsonb, now())`.execute(db);
  }
}
