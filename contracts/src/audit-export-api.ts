import { type Static, Type } from "typebox";
import { DecisionQuery } from "./core-api.ts";

const { before: _before, limit: _limit, ...filters } = DecisionQuery.properties;

/**
 * How decisions leave as lines: one JSON record a line; CSV (RFC 4180) safe to open in a spreadsheet; or one event of OPA's
 * decision log a line.
 */
export const lineFormats = ["ndjson", "csv", "opa"] as const;
export type LineFormat = (typeof lineFormats)[number];

/** `GET /admin/audit/export`: everything that a search with these filters would find, newest first. */
export const ExportQuery = Type.Object(
  { ...filters, format: Type.Enum([...lineFormats]) },
  { additionalProperties: false },
);
export type ExportQuery = Static<typeof ExportQuery>;
