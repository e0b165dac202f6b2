import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { deletedPlaces } from "./deleted-places.postgres.ts";
import { cameLately, isAwaited, type RetentionLimit } from "./limit.ts";
import { type LockPatience, lockTables } from "./lock-tables.postgres.ts";
import type { Deleted } from "./retention-record.ts";
import { decisionStays, outcomeStays } from "./stays.ts";
import { uncount } from "./uncount.postgres.ts";

/** What is old enough, and how long to ask for the moment in which nobody else reads. */
export type DropLimit = RetentionLimit & LockPatience;

/** The months of the trail that end at or before a moment, as `YYYY_MM`, oldest first. */
export async function monthsBefore(db: Db, until: Date): Promise<readonly string[]> {
  const { rows } = await sql<{ month: string }>`
    select distinct right(c.relname, 7) as month
    from pg_inherits join pg_class as c on c.oid = inhrelid
    where inhparent in ('decisions'::regclass, 'decision_outcomes'::regclass) and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
      and (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'utc' <= ${until}
    order by 1`.execute(db);
  return rows.map(({ month }) => month);
}

/** The moment at which a month ends. */
export function endOf(month: string): Date {
  const [year = 0, number = 0] = month.split("_").map(Number);
  return new Date(Date.UTC(year, number));
}

/** Whether a receiver of the log still waits for something of a month that could go otherwise. */
export async function monthAwaited(db: Db, month: string, limit: RetentionLimit): Promise<boolean> {
  const awaited = (table: string) => sql`exists (
    select from ${sql.table(table)} as d where ${isAwaited("d", limit)} and not ${cameLately("d", limit)})`;
  await ensureBoth(db, month);
  const { rows } = await sql<{ awaited: boolean }>`
    select ${awaited(`decisions_${month}`)} or ${awaited(`decision_outcomes_${month}`)} as awaited`.execute(db);
  return rows[0]?.awaited ?? false;
}

/**
 * Drops a month of decisions and outcomes. What a hold covers, what came lately, and outcomes that were told after the
 * month (they lie in the month of their decision) move into the default partitions, where searches find them as before. Writers of the month wait; readers wait for the moment of the drop alone.
 *
 * @throws Error that `isLockTimeout` knows, when somebody reads or writes the trail without an end
 */
export async function dropMonth(tx: Transaction<Tables>, month: string, limit: DropLimit): Promise<Deleted> {
  const [decisions, outcomes] = [`decisions_${month}`, `decision_outcomes_${month}`];
  await ensureBoth(tx, month);
  await sql`lock table ${sql.table(decisions)}, ${sql.table(outcomes)} in share mode`.execute(tx);
  const staysBehind = sql`(${outcomeStays(limit)} or o.occurred_at >= ${endOf(month)})`;
  const ofOutcomes = await setAside(tx, { table: outcomes, row: "o", keep: staysBehind });
  const ofDecisions = await setAside(tx, { table: decisions, row: "d", keep: decisionStays(limit) });
  await uncount(tx, withoutKept(decisions, sql`shape_id, occurred_at, decision_id`));
  const places = await placesOf(tx, [decisions, outcomes]);
  await putBack(tx, month, limit);
  const gone = { decisions: ofDecisions.gone, outcomes: ofOutcomes.gone, unplaced: 0 };
  return { from: month.replace("_", "-"), ...gone, kept: ofDecisions.kept + ofOutcomes.kept, places };
}

/** Which places of the log lose their record. */
async function placesOf(tx: Transaction<Tables>, tables: readonly string[]): Promise<Deleted["places"]> {
  const places = await deletedPlaces(tx);
  for (const table of tables) await places.note(withoutKept(table, sql`log_index`, sql`log_index is not null`));
  return places.ranges();
}

/** Columns of what goes; together they are to name a row. */
function withoutKept(table: string, columns: RawBuilder<unknown>, only: RawBuilder<unknown> = sql`true`) {
  return sql`select ${columns} from ${sql.table(table)} where ${only}
    except select ${columns} from ${sql.table(`kept_${table}`)}`;
}

/** A month may exist for one of the two only. */
async function ensureBoth(db: Db, month: string): Promise<void> {
  await sql`select ensure_audit_month(to_date(${month}, 'YYYY_MM'))`.execute(db);
}

type Aside = { readonly table: string; readonly row: "d" | "o"; readonly keep: ReturnType<typeof sql> };

/** Gives how many rows stay, and how many go. */
async function setAside(tx: Transaction<Tables>, { table, row, keep }: Aside) {
  await sql`
    create temporary table ${sql.table(`kept_${table}`)} on commit drop as
    select ${sql.ref(row)}.* from ${sql.table(table)} as ${sql.ref(row)} where ${keep}`.execute(tx);
  const { rows } = await sql<{ all: string; kept: string }>`
    select (select count(*) from ${sql.table(table)}) as all, (select count(*) from ${sql.table(`kept_${table}`)}) as kept`.execute(
    tx,
  );
  const [all, kept] = [Number(rows[0]?.all ?? 0), Number(rows[0]?.kept ?? 0)];
  return { kept, gone: all - kept };
}

/** Takes both partitions away, in a moment in which nobody else reads, and puts back what was set aside. */
async function putBack(tx: Transaction<Tables>, month: string, patience: LockPatience): Promise<void> {
  const parents = ["decisions", "decision_outcomes"];
  const tables = parents.flatMap((parent) => [parent, `${parent}_default`, `${parent}_${month}`]);
  await lockTables(tx, sql.join(tables.map((table) => sql`only ${sql.table(table)}`)), patience);
  for (const parent of parents.toReversed()) await replace(tx, parent, `${parent}_${month}`);
}

/** Takes the partition away and puts what was set aside into the parent, whose default partition takes it. */
async function replace(tx: Transaction<Tables>, parent: string, child: string): Promise<void> {
  await sql`alter table ${sql.table(parent)} detach partition ${sql.table(child)}`.execute(tx);
  await sql`drop table ${sql.table(child)}`.execute(tx);
  const columns = await columnsOf(tx, parent);
  await sql`
    insert into ${sql.table(parent)} (${columns}) select ${columns} from ${sql.table(`kept_${child}`)}`.execute(tx);
}

/** Columns that PostgreSQL computes are computed again. */
async function columnsOf(tx: Transaction<Tables>, table: string) {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`.execute(tx);
  return sql.join(rows.map(({ name }) => sql.ref(name)));
}
