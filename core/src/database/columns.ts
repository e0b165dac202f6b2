import type { ColumnType } from "kysely";

/** JSON is handed over as text, so that arrays are not taken for PostgreSQL arrays, and comes back parsed. */
export type Json<T> = ColumnType<T, string, string>;
export type Time = ColumnType<Date, Date, Date>;
