import type { Clock, Logger } from "@vivified/runtime";
import { newTrace } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import { type AlertChannel, AlertNotTaken } from "./alert-channel.ts";
import type { AlertDelivery } from "./alert-store.ts";
import { type RaiseAlertStores, raiseAlert } from "./raise-alert.ts";
import { undeliveredFinding } from "./rules/undelivered-alerts.ts";

export type DeliverNoticesDeps = {
  readonly channels: readonly AlertChannel[];
  readonly stores: Pick<Stores, "alerts">;
  readonly atomically: Atomically<RaiseAlertStores>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a notice is tried before it is given up. */
  readonly deadAfterMs: number;
};

/** Longer than any attempt takes: a delivery that is still held is never sent beside itself. */
const leaseMs = 60_000;

/**
 * Sends every notice that is due over its channel, at least once: a process that dies between sending and noting it sends
 * again, under the same id. A channel that is away holds up no other.
 *
 * @param over Those of the channels that are sent over: all, unless said otherwise.
 */
export async function deliverNotices(deps: DeliverNoticesDeps, over = deps.channels): Promise<void> {
  await deps.stores.alerts.fanOut(deps.channels.map(({ name }) => name));
  await Promise.all(over.map((channel) => drain(channel, deps)));
}

async function drain(channel: AlertChannel, deps: DeliverNoticesDeps): Promise<void> {
  const next = () => deps.stores.alerts.claim(channel.name, leaseMs);
  for (let delivery = await next(); delivery !== undefined; delivery = await next()) {
    const failure = await channel.send(delivery).then(() => undefined, failureOf(channel, deps));
    if (failure === undefined) await deps.stores.alerts.delivered(delivery);
    else await postpone(delivery, failure, deps);
  }
}

/** A channel that breaks instead of saying no is a fault of ours: told whole, and bounded like any other failure. */
function failureOf({ name: channel }: AlertChannel, { logger }: DeliverNoticesDeps): (error: unknown) => string {
  return (error) => {
    if (error instanceof AlertNotTaken) return error.code;
    logger.error({ channel, err: error }, "alert channel broke");
    return "broken";
  };
}

async function postpone(delivery: AlertDelivery, code: string, deps: DeliverNoticesDeps): Promise<void> {
  const { channel, noticeId, attempts, since } = delivery;
  const told = { channel, notice: noticeId, attempts, code };
  if (deps.clock.now().getTime() - since.getTime() < deps.deadAfterMs) {
    deps.logger.warn(told, "alert not delivered");
    return deps.stores.alerts.retryLater(delivery, retryDelayMs(attempts), code);
  }
  deps.logger.error(told, "alert given up");
  await deps.atomically(async (stores) => {
    await stores.alerts.giveUp(delivery, code);
    const by = { caller: "core", trace: newTrace() };
    await raiseAlert(undeliveredFinding(channel, deps.clock.now()), { by, at: deps.clock.now() }, stores);
  });
}

/** 2 s, 4 s … at most an hour, ± 20 %. */
export function retryDelayMs(attempts: number): number {
  return Math.min(3_600_000, 1_000 * 2 ** Math.min(attempts, 20)) * (0.8 + Math.random() * 0.4);
}
