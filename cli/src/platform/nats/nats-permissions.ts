import {
  auditBlockSubject,
  auditEventsStream,
  type Bucket,
  bucketChangeSubject,
  buckets,
  canonicalEventsStream,
  controlPlaneWriter,
  coreWriter,
  type FollowedBucket,
  mostAuditChains,
  policyStatusKey,
  signingKeysKey,
  snapshotCurrentKey,
} from "@vivified/contracts";
import { chainNames } from "@vivified/runtime";

/**
 * The accounts that keep something: `PLATFORM` the audit trail and all buckets, `EVENTS` the canonical events. Whoever is
 * in one of them reaches all of it, by having an answer sent where it may not publish (decision 0148).
 */
export type Keeper = "PLATFORM" | "EVENTS";

/** One user for each process. Plugins never connect. `writer` is the writer id of a gateway. */
export type NatsUser =
  | { readonly kind: "installer" | "events-installer" | "core" | "control-plane"; readonly name: string }
  | { readonly kind: "gateway"; readonly name: string; readonly writer: string };

/** What a user may publish on, in the account that keeps it. */
export type Right = {
  readonly subject: string;
  readonly keeper: Keeper;
  /** More than one message may answer. */
  readonly many?: true;
};

/**
 * The least that a process needs. JetStream's API is subjects, so a right is a subject: reading a bucket is asking its
 * stream, writing it is publishing below `$KV`. `heard`: subjects of `PLATFORM` that tell of changes. Answers come to the user's own inbox.
 */
export type Rights = { readonly publish: readonly Right[]; readonly heard: readonly string[] };

export function rightsOf(user: NatsUser): Rights {
  switch (user.kind) {
    case "installer":
      return { publish: inPlatform("$JS.API.>", "$KV.>", "$JS.SNAPSHOT.>"), heard: [] };
    case "events-installer":
      return { publish: inEvents("$JS.API.>", "$JS.SNAPSHOT.>"), heard: [] };
    case "core":
      return core;
    case "control-plane":
      return controlPlane;
    case "gateway":
      return gateway(user.writer);
  }
}

const core: Rights = {
  publish: inPlatform(
    "$JS.API.INFO",
    auditBlockSubject(coreWriter),
    ...consumes(auditEventsStream.name),
    `$JS.API.STREAM.PURGE.${auditEventsStream.name}`, // retention
    ...consumes(streamOf(buckets.snapshot)),
    ...writes(buckets.snapshot),
    ...consumes(streamOf(buckets.policy)),
    ...writes(buckets.policy),
    ...reads(buckets.joinTokens),
    ...puts(buckets.joinTokens),
    ...reads(buckets.signingKeys),
    ...reads(buckets.policyStatus),
    ...reads(buckets.subjectKeys),
    `$JS.API.STREAM.MSG.DELETE.${streamOf(buckets.subjectKeys)}`, // taking a key away where it lies
  ),
  heard: [changes(buckets.signingKeys), changes(buckets.policyStatus)],
};

const controlPlane: Rights = {
  publish: inPlatform(
    "$JS.API.INFO",
    auditBlockSubject(controlPlaneWriter),
    `$JS.API.STREAM.MSG.GET.${auditEventsStream.name}`, // what of its blocks is stored
    ...reads(buckets.snapshot),
    ...reads(buckets.joinTokens),
    ...puts(buckets.joinTokens),
    ...reads(buckets.nodes),
    ...puts(buckets.nodes),
  ),
  heard: [changes(buckets.snapshot, snapshotCurrentKey)],
};

/** What a gateway says, it says in its own name: another's blocks, keys and reports it cannot write. */
function gateway(writer: string): Rights {
  const events = canonicalEventsStream.name;
  const read = [buckets.snapshot, buckets.nodes, buckets.signingKeys, buckets.policy, buckets.policyStatus] as const;
  return {
    publish: [
      ...inPlatform(
        "$JS.API.INFO",
        ...chainNames(writer, mostAuditChains).map(auditBlockSubject),
        ...asks(auditEventsStream.name),
        ...read.flatMap(reads),
        `$KV.${buckets.signingKeys}.${signingKeysKey(writer)}`,
        `$KV.${buckets.policyStatus}.${policyStatusKey(writer)}`,
        ...reads(buckets.subjectKeys),
        `$KV.${buckets.subjectKeys}.*`,
      ),
      ...inEvents("events.canonical.>", ...asks(events)),
      ...inEvents(
        ...["CREATE", "DURABLE.CREATE", "INFO", "DELETE"].map((verb) => `$JS.API.CONSUMER.${verb}.${events}.>`),
      ),
      ...inEvents(`$JS.API.CONSUMER.LIST.${events}`, `$JS.ACK.${events}.>`),
      { subject: `$JS.API.CONSUMER.MSG.NEXT.${events}.*`, keeper: "EVENTS", many: true },
    ],
    heard: [changes(buckets.snapshot, snapshotCurrentKey), changes(buckets.nodes)],
  };
}

function inPlatform(...subjects: readonly string[]): readonly Right[] {
  return subjects.map((subject) => ({ subject, keeper: "PLATFORM" }));
}

function inEvents(...subjects: readonly string[]): readonly Right[] {
  return subjects.map((subject) => ({ subject, keeper: "EVENTS" }));
}

/** What a stream is, and single messages of it. */
function asks(stream: string): string[] {
  return [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.MSG.GET.${stream}`];
}

/** Following a stream with consumers of one's own. */
function consumes(stream: string): string[] {
  const verbs = ["CREATE", "INFO", "MSG.NEXT", "DELETE"];
  return [...asks(stream), ...verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`), `$JS.ACK.${stream}.>`];
}

function reads(bucket: Bucket): string[] {
  return asks(streamOf(bucket));
}

/** A purge is how a key-value store forgets old parts. */
function writes(bucket: Bucket): string[] {
  return [...puts(bucket), `$JS.API.STREAM.PURGE.${streamOf(bucket)}`];
}

function puts(bucket: Bucket): string[] {
  return [`$KV.${bucket}.>`];
}

function changes(bucket: FollowedBucket, key = ">"): string {
  return bucketChangeSubject(bucket, key);
}

function streamOf(bucket: Bucket): string {
  return `KV_${bucket}`;
}
