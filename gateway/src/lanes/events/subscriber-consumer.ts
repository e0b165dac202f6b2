import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { canonicalEventSubject, canonicalEventsStream, subscriberConsumerName } from "@vivified/contracts";
import type { Clock, NatsConnection } from "@vivified/runtime";

const stream = canonicalEventsStream.name;
const nanosecondsPerMs = 1_000_000;

/** How long JetStream waits before it gives a message to somebody else; longer work says that it is still going on. */
export const ackWaitMs = 30_000;
/** A new subscriber also gets what was published in the moments while its approval was on its way to the gateways. */
const lookBackMs = 10_000;

/** Under this name a consumer says which snapshot made it what it is. */
const snapshotLabel = "vivified-snapshot";

/** A durable pull consumer for one subscriber, as a snapshot has it. */
export type SubscriberConsumer = {
  readonly pluginId: string;
  readonly eventTypes: readonly string[];
  readonly revision: number;
};

/**
 * Makes the consumer or brings its event types up to date, and opens it. It counts no deliveries: the lane does. Several
 * gateways look after the same consumers and hear of a snapshot at different times: the newest one has its way.
 */
export async function openSubscriberConsumer(
  wanted: SubscriberConsumer,
  deps: { readonly connection: NatsConnection; readonly clock: Clock },
): Promise<Consumer> {
  const manager = await jetstreamManager(deps.connection);
  const name = subscriberConsumerName(wanted.pluginId);
  const filter_subjects = [...new Set(wanted.eventTypes)].sort().map(canonicalEventSubject);
  const existing = await consumerInfo(manager, name);
  if (existing === undefined) {
    const since = new Date(deps.clock.now().getTime() - lookBackMs).toISOString();
    const metadata = labelled(wanted.revision);
    await manager.consumers.add(stream, { ...settings(name), opt_start_time: since, filter_subjects, metadata });
  } else if (existing.revision <= wanted.revision && existing.subjects.join() !== filter_subjects.join()) {
    await manager.consumers.update(stream, name, { filter_subjects, metadata: labelled(wanted.revision) });
  }
  return jetstream(deps.connection).consumers.get(stream, name);
}

/** Forgets what a subscriber had and had not, unless a newer snapshot than this one wanted it. */
export async function deleteSubscriberConsumer(
  gone: Pick<SubscriberConsumer, "pluginId" | "revision">,
  connection: NatsConnection,
): Promise<void> {
  const manager = await jetstreamManager(connection);
  const name = subscriberConsumerName(gone.pluginId);
  const existing = await consumerInfo(manager, name);
  if (existing !== undefined && existing.revision <= gone.revision) await manager.consumers.delete(stream, name);
}

/** The plugins that have a consumer. */
export async function listSubscriberConsumers(connection: NatsConnection): Promise<readonly string[]> {
  const manager = await jetstreamManager(connection);
  const prefix = subscriberConsumerName("");
  const names: string[] = [];
  for await (const { name } of manager.consumers.list(stream)) names.push(name);
  return names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

function settings(name: string) {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * nanosecondsPerMs,
    max_deliver: -1,
    max_ack_pending: 1_000,
    deliver_policy: DeliverPolicy.StartTime,
  };
}

const labelled = (revision: number) => ({ [snapshotLabel]: String(revision) });

type Existing = { readonly subjects: readonly string[]; readonly revision: number };

/** A consumer as it is, or undefined when there is none. */
async function consumerInfo(manager: JetStreamManager, name: string): Promise<Existing | undefined> {
  try {
    const { config } = await manager.consumers.info(stream, name);
    const subjects = [...(config.filter_subjects ?? [config.filter_subject ?? ""])].sort();
    return { subjects, revision: Number(config.metadata?.[snapshotLabel] ?? 0) };
  } catch (error) {
    if (error instanceof Error && error.message.includes("consumer not found")) return undefined;
    throw error;
  }
}
