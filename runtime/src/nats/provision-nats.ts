import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { buckets, streams } from "@vivified/contracts";

const nanosecondsPerMs = 1_000_000;

/** Makes the streams and buckets that are missing and brings the others up to date. The installer's work. */
export async function provisionNats(connection: NatsConnection, options: { replicas?: number } = {}): Promise<void> {
  const manager = await jetstreamManager(connection);
  const existing = new Set((await manager.streams.list().next()).map((stream) => stream.config.name));
  for (const stream of streams) {
    const config = streamConfig(stream, options.replicas ?? 1);
    if (existing.has(stream.name)) await manager.streams.update(stream.name, config);
    else await manager.streams.add(config);
  }
  const keyValue = new Kvm(connection);
  for (const bucket of Object.values(buckets)) {
    await keyValue.create(bucket, { storage: StorageType.File, history: 1, replicas: options.replicas ?? 1 });
  }
  await writeOnce(manager, buckets.subjectKeys);
}

/**
 * What a bucket holds under a key stays until it is erased by its message: a key that a gateway could write over would be
 * a data subject forgotten without a record, and whatever holds there are. A rollup would do the same by another name.
 */
async function writeOnce(manager: JetStreamManager, bucket: string): Promise<void> {
  const name = `KV_${bucket}`;
  const { config } = await manager.streams.info(name);
  const kept = { discard: DiscardPolicy.New, discard_new_per_subject: true };
  await manager.streams.update(name, { ...config, ...kept, allow_rollup_hdrs: false, deny_purge: true });
}

/** A full stream refuses new messages: dropping old ones would be forgetting in silence. */
function streamConfig(stream: (typeof streams)[number], replicas: number): StreamConfig & { name: string } {
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    max_age: stream.maxAgeMs * nanosecondsPerMs,
    max_msgs: stream.maxMessages,
    max_bytes: stream.maxBytes,
    duplicate_window: stream.duplicateWindowMs * nanosecondsPerMs,
    discard: DiscardPolicy.New,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
  } as StreamConfig & { name: string };
}
