import { Worker } from "@vivified/runtime";
import type { Foundation } from "./foundation.ts";
import type { Metrics } from "./http/metrics.ts";
import {
  AuditLog,
  collectCosignatures,
  logMetrics,
  logStore,
  openLogStorage,
  parseWitnesses,
  readLogIdentity,
  type TransparencyRoutesDeps,
} from "./transparency/index.ts";

/** What the routes need of the log, and whether it is what was signed. */
export type TransparencyParts = TransparencyRoutesDeps & { readonly auditLog: Pick<AuditLog, "ready"> };

const recordsPerCheckpoint = 10_000;
const longestTurnMs = 1_000;
const witnessTurnMs = 5_000;

/** Signs the audit log, and has witnesses sign it, for as long as core runs. */
export async function startTransparency(
  foundation: Foundation,
  metrics: Metrics,
  stack: AsyncDisposableStack,
): Promise<TransparencyParts> {
  const { config, db, clock, logger, trustDomain } = foundation;
  const identity = await readLogIdentity(config, trustDomain);
  const storage = openLogStorage(config);
  const witnesses = parseWitnesses(config.auditLogWitnesses);
  const intervalMs = config.auditLogIntervalMs;
  const signed = () => asking.wake();
  const limits = { intervalMs, maxRecords: recordsPerCheckpoint };
  const log = new AuditLog({ db, clock, logger, identity, storage, ...limits, signed });
  const added = () => log.republish();
  const ask = () => collectCosignatures({ db, clock, logger, storage, witnesses, added });
  const asking = stack.use(new Worker({ name: "audit witnesses", work: ask, everyMs: witnessTurnMs, logger }));
  const everyMs = Math.min(intervalMs, longestTurnMs);
  stack.use(new Worker({ name: "audit log", work: () => log.turn(), everyMs, logger }));
  const store = logStore(db);
  logMetrics(metrics.registry, store);
  return { transparency: { store, storage, identity }, auditLog: log };
}
