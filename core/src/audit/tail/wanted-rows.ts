import type { TailQuery } from "@vivified/contracts";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { findShapes, rowConditions } from "../search/shape-filter.ts";
import type { TailRow } from "./tail-row.ts";

/** Those of some rows that a filter wants: the same ones that a search with it finds. */
export type WantedRows = (rows: readonly TailRow[]) => Promise<readonly TailRow[]>;

type Fit = "whole" | "partly" | "not";

/** Asks about each shape once. */
export function wantedRows(db: Db, query: TailQuery): WantedRows {
  const { trace_id: trace, ...filter } = query;
  if (Object.keys(filter).length === 0) return async (rows) => rows.filter(ofTrace(trace));
  const fits = new Map<string, Fit>();
  return async (all) => {
    const rows = all.filter(ofTrace(trace));
    await learn(db, filter, { fits, rows });
    const fitOf = ({ shapeId }: TailRow): Fit => (shapeId === null ? "partly" : (fits.get(shapeId) ?? "not"));
    const closer = await fitting(
      db,
      filter,
      rows.filter((row) => fitOf(row) === "partly"),
    );
    return rows.filter((row) => fitOf(row) === "whole" || closer.has(row.logIndex));
  };
}

const ofTrace = (trace: string | undefined) => (row: TailRow) => trace === undefined || row.record.trace_id === trace;

type Known = { readonly fits: Map<string, Fit>; readonly rows: readonly TailRow[] };

async function learn(db: Db, filter: TailQuery, { fits, rows }: Known): Promise<void> {
  const unknown = rows.flatMap(({ shapeId }) => (shapeId === null || fits.has(shapeId) ? [] : [shapeId]));
  if (unknown.length === 0) return;
  for (const id of unknown) fits.set(id, "not");
  for (const { id, partly } of await findShapes(db, filter, { ids: unknown }))
    fits.set(id, partly ? "partly" : "whole");
}

async function fitting(db: Db, filter: TailQuery, rows: readonly TailRow[]): Promise<ReadonlySet<number>> {
  if (rows.length === 0) return new Set();
  const places = rows.map((row) => row.logIndex);
  const found = await sql<{ log_index: string }>`
    select log_index from decisions
    where log_index = any(${places}::bigint[]) and ${sql.join(rowConditions(filter), sql` and `)}`.execute(db);
  return new Set(found.rows.map((row) => Number(row.log_index)));
}
