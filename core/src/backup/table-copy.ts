import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Client, escapeIdentifier } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { backupFile } from "./backup-files.ts";

/** A table and the columns that have values of their own; PostgreSQL computes the others. */
export type Table = { readonly name: string; readonly columns: readonly string[] };

/** What the schema says of itself, not what it holds. */
const schemaTables = ["kysely_migration", "kysely_migration_lock"];

/** Every table of ours, those that others refer to first. Partitions are part of their table. */
export async function tablesOf(client: Client): Promise<readonly Table[]> {
  const { rows } = await client.query<Table & { readonly refers: string[] }>(
    `select c.relname as name,
       array(select attname::text from pg_attribute
         where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
       array(select confrelid::regclass::text from pg_constraint
         where conrelid = c.oid and contype = 'f' and confrelid <> c.oid) as refers
     from pg_class as c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
       and relname <> all($1) order by relname`,
    [schemaTables],
  );
  return inOrder(rows);
}

function inOrder(tables: readonly (Table & { readonly refers: readonly string[] })[]): readonly Table[] {
  const [done, ordered]: [Set<string>, Table[]] = [new Set(), []];
  while (ordered.length < tables.length) {
    const ready = tables.filter(({ name, refers }) => !done.has(name) && refers.every((other) => done.has(other)));
    if (ready.length === 0) throw new Error("tables refer to each other in a circle");
    for (const { name, columns } of ready) {
      done.add(name);
      ordered.push({ name, columns });
    }
  }
  return ordered;
}

const listOf = (columns: readonly string[]): string => columns.map(escapeIdentifier).join(", ");

/** Writes a table's rows into a file, in PostgreSQL's text format, as the client's transaction sees them. */
export async function copyOut(client: Client, { name, columns }: Table, file: string): Promise<void> {
  const rows = client.query(copyTo(`copy (select ${listOf(columns)} from ${escapeIdentifier(name)}) to stdout`));
  await pipeline(rows, backupFile(file));
}

/** Fills a table from a file, and lets its own numbers go on behind the largest. */
export async function copyIn(client: Client, { name, columns }: Table, file: string): Promise<void> {
  const rows = client.query(copyFrom(`copy ${escapeIdentifier(name)} (${listOf(columns)}) from stdin`));
  await pipeline(createReadStream(file), rows);
  const { rows: numbered } = await client.query<{ column: string }>(
    "select attname::text as column from pg_attribute where attrelid = $1::regclass and attidentity <> ''",
    [escapeIdentifier(name)],
  );
  for (const { column } of numbered) {
    const largest = `(select coalesce(max(${escapeIdentifier(column)}), 0) + 1 from ${escapeIdentifier(name)})`;
    await client.query(`select setval(pg_get_serial_sequence($1, $2), ${largest}, false)`, [name, column]);
  }
}
