export { AuditIngest } from "./audit-ingest.ts";
export { ensureMonths, monthsFrom } from "./audit-months.ts";
export { type Change, changeRecord } from "./change-record.ts";
export { decisionStore } from "./decision-store.postgres.ts";
export type { DecisionStore } from "./decision-store.ts";
export { type ExportRoutesDeps, exportRoutes } from "./export/routes.ts";
export type { ChainBreak, IngestResult } from "./ingest-blocks.ts";
export { type AuditRoutesDeps, auditRoutes } from "./routes.ts";
