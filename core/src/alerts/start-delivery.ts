import { Worker } from "@vivified/runtime";
import { type DeliverNoticesDeps, deliverNotices } from "./deliver-notices.ts";

/**
 * Delivers again and again, each channel on its own: one that lets every attempt wait is at it for as long as there are
 * notices, and what comes meanwhile goes over the others. Gives what tells that there is something new.
 */
export function startDelivery(deps: DeliverNoticesDeps, stack: AsyncDisposableStack): () => void {
  const { channels, logger } = deps;
  const workers = (channels.length === 0 ? [undefined] : channels).map((channel) => {
    const work = () => deliverNotices(deps, channel === undefined ? [] : [channel]);
    const name = `alert delivery ${channel?.name ?? "to nobody"}`;
    return stack.use(new Worker({ name, work, everyMs: 1_000, logger }));
  });
  return () => {
    for (const worker of workers) worker.wake();
  };
}
