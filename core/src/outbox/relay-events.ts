import type { Logger } from "@vivified/runtime";
import type { OutboxStore, Waiting } from "./outbox-store.ts";
import { PublishRefused } from "./publish-event.ts";

export type RelayEventsDeps = {
  readonly outbox: OutboxStore;
  readonly publish: (waiting: Waiting) => Promise<void>;
  readonly logger: Logger;
};

/** Longer than a publish may take: a claim that is still held is never sent a second time. */
export const leaseMs = 10_000;
/** An event that the gateway refuses this often is set aside: about an hour of trying. */
const mostRefusals = 70;

/**
 * Sends everything that is due, one after another. What cannot be sent waits longer each time; an event is sent at least
 * once, and the gateway makes it exactly one by its idempotency key.
 */
export async function relayEvents({ outbox, publish, logger }: RelayEventsDeps): Promise<void> {
  for (let waiting = await outbox.claim(leaseMs); waiting !== undefined; waiting = await outbox.claim(leaseMs)) {
    const { id, eventType, attempts } = waiting;
    try {
      await publish(waiting);
      await outbox.delivered(id);
      logger.info(
        { outbox_id: id, event_type: eventType, attempts, trace_id: waiting.trace.traceId },
        "event published",
      );
    } catch (error) {
      await postpone(waiting, error, { outbox, logger });
    }
  }
}

/** Only what the gateway refuses for good is ever set aside: outages, however long, lose nothing. */
async function postpone(
  waiting: Waiting,
  error: unknown,
  { outbox, logger }: Pick<RelayEventsDeps, "outbox" | "logger">,
): Promise<void> {
  const { id, eventType, attempts, refusals } = waiting;
  const refused = error instanceof PublishRefused;
  const code = refused ? error.code : "target_unavailable";
  const told = { err: error, outbox_id: id, event_type: eventType, attempts, code };
  if (refused && refusals + 1 >= mostRefusals) {
    logger.error(told, "event set aside");
    return outbox.giveUp(id, code);
  }
  logger.warn(told, "event not published");
  return outbox[refused ? "refused" : "retryLater"](id, retryDelayMs(attempts), code);
}

/** 0.2 s, 0.4 s … at most a minute, ± 20 %. */
export function retryDelayMs(attempts: number): number {
  return Math.min(60_000, 100 * 2 ** Math.min(attempts, 20)) * (0.8 + Math.random() * 0.4);
}
