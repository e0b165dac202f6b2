import {
  auditBlockSubject,
  auditEventsStream,
  buckets,
  canonicalEventsStream,
  controlPlaneWriter,
  coreWriter,
  mostAuditChains,
  policyStatusKey,
  signingKeysKey,
  snapshotCurrentKey,
} from "@vivified/contracts";
import { chainNames } from "@vivified/runtime";
import {
  asks,
  changes,
  consumes,
  inEvents,
  inPlatform,
  looksAfter,
  puts,
  type Right,
  reads,
  streamOf,
  writes,
} from "./nats-subjects.ts";

/** One user for each process. Plugins never connect. `writer` is the writer id of a gateway. */
export type NatsUser =
  | { readonly kind: "installer" | "events-installer" | "core" | "control-plane"; readonly name: string }
  | { readonly kind: "gateway"; readonly name: string; readonly writer: string };

/**
 * The least that a process needs. JetStream's API is subjects, so a right is a subject: reading a bucket is asking its
 * stream, writing it is publishing below `$KV`. `heard`: subjects of `PLATFORM` that tell of changes. Answers come to the
 * user's own inbox.
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
  const read = [buckets.snapshot, buckets.nodes, buckets.signingKeys, buckets.policy, buckets.policyStatus] as const;
  const inTrail = inPlatform(
    "$JS.API.INFO",
    ...chainNames(writer, mostAuditChains).map(auditBlockSubject),
    ...asks(auditEventsStream.name),
    ...read.flatMap(reads),
    `$KV.${buckets.signingKeys}.${signingKeysKey(writer)}`,
    `$KV.${buckets.policyStatus}.${policyStatusKey(writer)}`,
    ...reads(buckets.subjectKeys),
    `$KV.${buckets.subjectKeys}.*`,
  );
  const heard = [changes(buckets.snapshot, snapshotCurrentKey), changes(buckets.nodes)];
  return { publish: [...inTrail, ...eventRights], heard };
}

const eventRights: readonly Right[] = [
  ...inEvents("events.canonical.>", ...asks(canonicalEventsStream.name)),
  ...inEvents(...looksAfter(canonicalEventsStream.name)),
  { subject: `$JS.API.CONSUMER.MSG.NEXT.${canonicalEventsStream.name}.*`, keeper: "EVENTS", many: true },
];
