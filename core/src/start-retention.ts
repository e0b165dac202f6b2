import { Worker } from "@vivified/runtime";
import { Database } from "./database/open-database.ts";
import type { Foundation } from "./foundation.ts";
import { applyRetention } from "./retention/apply-retention.ts";
import { purgeStream } from "./retention/purge-stream.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** Deletes, once an hour, what of the audit trail is beyond retention and under no hold. */
export function startRetention(foundation: Foundation, stack: AsyncDisposableStack): void {
  const { config, nats, clock, logger } = foundation;
  const url = config.databaseUrl.reveal();
  const { db } = stack.use(new Database({ url, logger, connections: 1, statementTimeoutMs: 30 * minute }));
  const purge = (firstKept: number) => purgeStream(nats, firstKept);
  const work = () => applyRetention({ db, purge, clock, logger, keepMs: config.auditRetentionDays * day });
  stack.use(new Worker({ name: "audit retention", work, everyMs: hour, logger }));
}
