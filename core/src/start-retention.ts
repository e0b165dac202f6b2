import { Worker } from "@vivified/runtime";
import { sameStream } from "./audit/index.ts";
import { pushedTo } from "./audit/push/index.ts";
import { Database } from "./database/open-database.ts";
import type { Foundation } from "./foundation.ts";
import type { Metrics } from "./http/metrics.ts";
import { applyRetention } from "./retention/apply-retention.ts";
import { overdueMonths } from "./retention/overdue-months.ts";
import { purgeStream } from "./retention/purge-stream.ts";
import { retentionMetrics } from "./retention/retention-metrics.ts";

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

export type RetentionParts = {
  readonly metrics: Pick<Metrics, "registry">;
  readonly receivers: readonly string[];
  /** Whether core's clock agrees with others: by one that is years ahead everything is beyond retention. */
  readonly clockTrusted: () => boolean;
};

/** Deletes, once an hour, what of the audit trail is beyond retention, under no hold, and with every receiver. */
export function startRetention(
  foundation: Pick<Foundation, "config" | "db" | "nats" | "clock" | "logger">,
  { metrics, receivers, clockTrusted }: RetentionParts,
  stack: AsyncDisposableStack,
): void {
  const { config, nats, clock, logger } = foundation;
  const url = config.databaseUrl.reveal();
  const { db } = stack.use(new Database({ url, logger, connections: 1, statementTimeoutMs: 30 * minute }));
  const keepMs = config.auditRetentionDays * day;
  const parts = {
    purge: async (firstKept: number) => {
      await sameStream(nats, foundation.db); // in another, what was not taken in lies before that place as well
      return purgeStream(nats, firstKept);
    },
    pushed: (of: Parameters<typeof pushedTo>[0]) => pushedTo(of, receivers),
  };
  let dueMs = 0;
  const work = async () => {
    if (!clockTrusted() || clock.monotonicMs() < dueMs) return;
    dueMs = clock.monotonicMs() + hour;
    await applyRetention({ db, clock, logger, keepMs, ...parts });
  };
  stack.use(new Worker({ name: "audit retention", work, everyMs: second, logger }));
  retentionMetrics(metrics.registry, () => overdueMonths({ db: foundation.db, clock, keepMs }));
}
