import { Worker } from "@vivified/runtime";
import { openReceivers, Pusher, pushMetrics, pushStore } from "./audit/push/index.ts";
import type { Foundation } from "./foundation.ts";
import type { Metrics } from "./http/metrics.ts";

/** Pushes the log to every receiver that is configured, each at its own pace; gives their names. */
export async function startAuditPush(
  foundation: Foundation,
  { registry }: Pick<Metrics, "registry">,
  stack: AsyncDisposableStack,
): Promise<{ readonly receivers: readonly string[] }> {
  const { config, db, clock, logger } = foundation;
  const receivers = await openReceivers(config, stack);
  const names = { receivers: receivers.map(({ name }) => name) };
  if (receivers.length === 0) return names;
  const store = pushStore(db);
  const lags = () => Promise.all(receivers.map(async ({ kind, name }) => [kind, await store.lag(name)] as const));
  const metrics = pushMetrics(registry, lags);
  const { auditPushTimeoutMs, auditPushMaxDelayMs: maxDelayMs } = config;
  for (const receiver of receivers) {
    const count = (outcome: keyof typeof metrics, records: number) =>
      metrics[outcome].inc({ receiver: receiver.kind }, records);
    const leaseMs = auditPushTimeoutMs + 5_000;
    const pusher = new Pusher({ ...{ receiver, store, clock, logger, count, leaseMs, maxDelayMs } });
    const work = () => pusher.turn();
    stack.use(new Worker({ name: `audit push ${receiver.kind}`, work, everyMs: 250, logger }));
    stack.use(pusher); // above its worker: what is under way is ended before the worker is waited for
  }
  return names;
}
