import { type Kysely, sql } from "kysely";

/** Records without a row of their own are found by the id that they took, and by the key that they are sealed with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_unplaced add column decision_id text, add column kept_key text`.execute(db);
  let after = "-1";
  for (let page = await pageOf(db, after); page.length > 0; page = await pageOf(db, after)) {
    await fill(db, page.map(columnsOf));
    after = page.at(-1)?.log_index ?? after;
  }
  await sql`create index audit_unplaced_by_id on audit_unplaced (decision_id) where decision_id is not null`.execute(
    db,
  );
  await sql`create index audit_unplaced_by_key on audit_unplaced (kept_key, occurred_at) where kept_key is not null`.execute(
    db,
  );
}

type Row = { readonly log_index: string; readonly record: string; readonly fault: string | null };

/** Pages of a size that fits into memory, however large records are. */
async function pageOf(db: Kysely<unknown>, after: string): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select log_index, record, fault from audit_unplaced left join audit_blocks using (stream_sequence)
    where log_index > ${after} order by log_index limit 50`.execute(db);
  return rows;
}

type Columns = { readonly place: string; readonly id: string | null; readonly key: string | null };

/** In JavaScript: what is here may be more than PostgreSQL can look into. */
function columnsOf({ log_index: place, record, fault }: Row): Columns {
  const { kind, decision_id, kept } = JSON.parse(record) as {
    readonly kind: string;
    readonly decision_id: string;
    readonly kept?: { readonly key?: unknown };
  };
  if (kind !== "decision") return { place, id: null, key: null };
  const key = typeof kept?.key === "string" && /^[0-9a-f-]{36}$/.test(kept.key) ? kept.key : null;
  const rowless = fault === "unstorable" || fault === "future_record";
  return { place, id: rowless ? decision_id.replaceAll("\u0000", "\uFFFD").toWellFormed() : null, key };
}

async function fill(db: Kysely<unknown>, columns: readonly Columns[]): Promise<void> {
  const known = columns.filter(({ id, key }) => id !== null || key !== null);
  const [places, ids, keys] = [known.map(({ place }) => place), known.map(({ id }) => id), known.map(({ key }) => key)];
  await sql`
    update audit_unplaced as u set decision_id = found.id, kept_key = found.key
    from unnest(${places}::bigint[], ${ids}::text[], ${keys}::text[]) as found (place, id, key)
    where u.log_index = found.place`.execute(db);
}
