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
import {
  auditEventsStream,
  type Bucket,
  bucketChangeSubject,
  buckets,
  canonicalEventsStream,
  type FollowedBucket,
  followedBuckets,
} from "@vivified/contracts";

const nanosecondsPerMs = 1_000_000;

type Stream = typeof auditEventsStream | typeof canonicalEventsStream;

type ProvisionOptions = { readonly replicas?: number };

/** Makes what is missing of all streams and buckets, and brings the others up to date, where one account holds them. */
export async function provisionNats(connection: NatsConnection, options: ProvisionOptions = {}): Promise<void> {
  await provisionEvents(connection, options);
  await provisionPlatform(connection, options);
}

/** The same of the canonical events, in the account that keeps them. */
export async function provisionEvents(connection: NatsConnection, options: ProvisionOptions = {}): Promise<void> {
  await provisionStream(await jetstreamManager(connection), canonicalEventsStream, options);
}

/** The same of the audit trail and all buckets, in the account that keeps them. */
export async function provisionPlatform(
  connection: NatsConnection,
  { replicas = 1 }: ProvisionOptions = {},
): Promise<void> {
  const manager = await jetstreamManager(connection);
  await provisionStream(manager, auditEventsStream, { replicas });
  const keyValue = new Kvm(connection);
  for (const bucket of Object.values(buckets)) {
    await keyValue.create(bucket, { storage: StorageType.File, history: 1, replicas });
  }
  for (const bucket of followedBuckets) await tellOfChanges(manager, bucket);
  await writeOnce(manager, buckets.subjectKeys);
  await ownEntriesOnly(manager, buckets.signingKeys, { max_msg_size: mostSigningKeyBytes });
  await ownEntriesOnly(manager, buckets.policyStatus);
}

async function provisionStream(manager: JetStreamManager, stream: Stream, { replicas = 1 }: ProvisionOptions) {
  const config = streamConfig(stream, replicas);
  const there = (await manager.streams.list().next()).some(({ config: { name } }) => name === stream.name);
  if (there) await manager.streams.update(stream.name, config);
  else await manager.streams.add(config);
}

/** What was stored and nothing else, and not what it is: that is read from the stream. */
async function tellOfChanges(manager: JetStreamManager, bucket: FollowedBucket): Promise<void> {
  const name = `KV_${bucket}`;
  const { config } = await manager.streams.info(name);
  const republish = { src: `$KV.${bucket}.>`, dest: bucketChangeSubject(bucket, ">"), headers_only: true };
  await manager.streams.update(name, { ...config, republish });
}

/** A rollup of the whole bucket would take every other gateway's entry away with one write of the own. */
async function ownEntriesOnly(
  manager: JetStreamManager,
  bucket: Bucket,
  bounds: { readonly max_msg_size?: number } = {},
): Promise<void> {
  const name = `KV_${bucket}`;
  const { config } = await manager.streams.info(name);
  await manager.streams.update(name, { ...config, ...bounds, allow_rollup_hdrs: false });
}

/** A message with its headers, which the client reads in a time that grows with the square of their number. */
const mostSigningKeyBytes = 4 * 1024;
const mostSubjectKeyBytes = 16 * 1024;

/**
 * What a bucket holds under a key stays until it is erased by its message: a key that a gateway could write over would be
 * a data subject forgotten without a record, and whatever holds there are. A rollup would do the same by another name.
 */
async function writeOnce(manager: JetStreamManager, bucket: string): Promise<void> {
  const name = `KV_${bucket}`;
  const { config } = await manager.streams.info(name);
  const kept = { discard: DiscardPolicy.New, discard_new_per_subject: true };
  const bounded = { allow_rollup_hdrs: false, deny_purge: true, max_msg_size: mostSubjectKeyBytes };
  await manager.streams.update(name, { ...config, ...kept, ...bounded });
}

/** A full stream refuses new messages: dropping old ones would be forgetting in silence. */
function streamConfig(stream: Stream, replicas: number): StreamConfig & { name: string } {
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
