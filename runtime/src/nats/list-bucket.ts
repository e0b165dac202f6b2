import { jetstreamManager } from "@nats-io/jetstream";
import type { Bucket } from "@vivified/contracts";
import type { NatsConnection } from "./connect-nats.ts";

/** A bucket at one moment. */
export type BucketListing = {
  /** In no order, those with a mark of deletion among them. */
  readonly keys: readonly string[];
  /** When the bucket was made. */
  readonly created: string;
  readonly lastRevision: number;
  readonly entries: number;
};

/** Asks the stream's leader, and needs no consumer, as the library's `keys()` does. */
export async function listBucket(connection: NatsConnection, bucket: Bucket): Promise<BucketListing> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const prefix = `$KV.${bucket}.`;
  const { state, created } = await manager.streams.info(`KV_${bucket}`, { subjects_filter: `${prefix}>` });
  const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  return { keys, created, lastRevision: state.last_seq, entries: state.messages };
}
