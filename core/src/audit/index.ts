export { AuditIngest } from "./audit-ingest.ts";
export { ensureMonths, monthsFrom } from "./audit-months.ts";
export { type Change, changeRecord } from "./change-record.ts";
export { decidedAt } from "./decided-at.ts";
export { decisionStore } from "./decision-store.postgres.ts";
export type { DecisionStore } from "./decision-store.ts";
export { type ExportRoutesDeps, exportRoutes } from "./export/routes.ts";
export type { ChainBreak, IngestResult } from "./ingest-blocks.ts";
<<<<<<< HEAD
export { ownRecords } from "./own/own-records.postgres.ts";
export { ownWriter, writeOwnBlocks } from "./own/write-own-blocks.ts";
export { type AuditRoutesDeps, auditRoutes } from "./routes.ts";
export { noteUntold, untoldBatch } from "./untold/note-untold.ts";
export { untoldStore } from "./untold/untold-store.postgres.ts";
=======
export { ReadLog } from "./reading/read-log.ts";
export { type AuditRoutesDeps, auditRoutes } from "./routes.ts";
export { sortInWaiting } from "./shapes/sort-in-waiting.ts";
export { type TailRoutesDeps, tailRoutes } from "./tail/routes.ts";
export { TailSource } from "./tail/tail-source.ts";
>>>>>>> 803da37 (feat(core): search, count and follow the decision log)
