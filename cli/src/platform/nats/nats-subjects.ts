import { type Bucket, bucketChangeSubject, type FollowedBucket } from "@vivified/contracts";

/**
 * The accounts that keep something: `PLATFORM` the audit trail and all buckets, `EVENTS` the canonical events. Whoever is
 * in one of them reaches all of it, by having an answer sent where it may not publish (decision 0148).
 */
export type Keeper = "PLATFORM" | "EVENTS";

/** What a user may publish on, in the account that keeps it. */
export type Right = {
  readonly subject: string;
  readonly keeper: Keeper;
  /** More than one message may answer. */
  readonly many?: true;
};

export function inPlatform(...subjects: readonly string[]): readonly Right[] {
  return subjects.map((subject) => ({ subject, keeper: "PLATFORM" }));
}

export function inEvents(...subjects: readonly string[]): readonly Right[] {
  return subjects.map((subject) => ({ subject, keeper: "EVENTS" }));
}

/** What a stream is, and single messages of it. */
export function asks(stream: string): string[] {
  return [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.MSG.GET.${stream}`];
}

/** Following a stream with consumers of one's own. */
export function consumes(stream: string): string[] {
  const verbs = ["CREATE", "INFO", "MSG.NEXT", "DELETE"];
  return [...asks(stream), ...verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`), `$JS.ACK.${stream}.>`];
}

/** Making durable consumers of a stream for others, and acknowledging what they give. */
export function looksAfter(stream: string): string[] {
  const verbs = ["CREATE", "DURABLE.CREATE", "INFO", "DELETE"];
  const consumers = verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`);
  return [...consumers, `$JS.API.CONSUMER.LIST.${stream}`, `$JS.ACK.${stream}.>`];
}

export function reads(bucket: Bucket): string[] {
  return asks(streamOf(bucket));
}

/** A purge is how a key-value store forgets old parts. */
export function writes(bucket: Bucket): string[] {
  return [...puts(bucket), `$JS.API.STREAM.PURGE.${streamOf(bucket)}`];
}

export function puts(bucket: Bucket): string[] {
  return [`$KV.${bucket}.>`];
}

export function changes(bucket: FollowedBucket, key = ">"): string {
  return bucketChangeSubject(bucket, key);
}

export function streamOf(bucket: Bucket): string {
  return `KV_${bucket}`;
}
