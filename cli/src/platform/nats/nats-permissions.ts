import {
  auditBlockSubject,
  auditEventsStream,
  buckets,
  canonicalEventsStream,
  controlPlaneWriter,
  coreWriter,
  mostAuditChains,
  type ProcessName,
  policyStatusKey,
  signingKeysKey,
} from "@vivified/contracts";
import { chainNames } from "@vivified/runtime";

/** What connects to NATS. Plugins never do. */
export type NatsUserKind = "installer" | ProcessName;

/** One user for each process: `writer` is the writer id of a gateway. */
export type NatsUser =
  | { readonly kind: Exclude<NatsUserKind, "gateway">; readonly name: string }
  | { readonly kind: "gateway"; readonly name: string; readonly writer: string };

export type Permissions = {
  readonly publish: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly subscribe: readonly string[];
};

/** What a process says of itself, nobody else may say. */
const ownBlocks: { readonly [kind in NatsUserKind]?: string } = {
  core: auditBlockSubject(coreWriter),
  "control-plane": auditBlockSubject(controlPlaneWriter),
};

/**
 * The least that a process needs. JetStream's API is subjects, so a right is a subject: reading a bucket is following its
 * stream, writing it is publishing below `$KV`. Answers come to the user's own inbox, which no other user can hear.
 */
export function permissionsOf(user: NatsUser): Permissions {
  const subscribe = [`_INBOX_${user.name}.>`];
  const deny = Object.values(ownBlocks).filter((blocks) => blocks !== ownBlocks[user.kind]);
  return { publish: { allow: publishedBy(user), deny }, subscribe };
}

function publishedBy(user: NatsUser): readonly string[] {
  if (user.kind === "installer") return ["$JS.API.>", "$KV.>", "$JS.SNAPSHOT.>"];
  const own = user.kind === "gateway" ? saidBy(user.writer) : [];
  return ["$JS.API.INFO", ...work[user.kind].flat(), ...own];
}

/** What a gateway says in its own name: another's blocks, keys and reports it cannot write. */
function saidBy(writer: string): readonly string[] {
  return [
    ...chainNames(writer, mostAuditChains).map(auditBlockSubject),
    `$KV.${buckets.signingKeys}.${signingKeysKey(writer)}`,
    `$KV.${buckets.policyStatus}.${policyStatusKey(writer)}`,
  ];
}

const work = {
  core: [
    reads(buckets.snapshot),
    writes(buckets.snapshot),
    reads(buckets.joinTokens),
    writes(buckets.joinTokens),
    reads(buckets.signingKeys),
    reads(buckets.policy),
    writes(buckets.policy),
    reads(buckets.policyStatus),
    [auditBlockSubject(coreWriter)],
    reads(buckets.subjectKeys),
    erases(buckets.subjectKeys),
    consumes(auditEventsStream.name),
    [`$JS.API.STREAM.PURGE.${auditEventsStream.name}`], // retention
  ],
  gateway: [
    ["events.canonical.>"],
    consumes(canonicalEventsStream.name),
    looksUp(auditEventsStream.name),
    reads(buckets.snapshot),
    reads(buckets.nodes),
    reads(buckets.signingKeys),
    reads(buckets.policy),
    reads(buckets.policyStatus),
    reads(buckets.subjectKeys),
    puts(buckets.subjectKeys),
  ],
  "control-plane": [
    reads(buckets.snapshot),
    reads(buckets.joinTokens),
    writes(buckets.joinTokens),
    reads(buckets.nodes),
    writes(buckets.nodes),
    [auditBlockSubject(controlPlaneWriter)],
    looksUp(auditEventsStream.name),
  ],
} as const satisfies Record<ProcessName, readonly (readonly string[])[]>;

function looksUp(stream: string): string[] {
  return [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.MSG.GET.${stream}`, `$JS.API.DIRECT.GET.${stream}.>`].concat(
    `$JS.API.DIRECT.GET.${stream}`,
  );
}

function consumes(stream: string): string[] {
  const verbs = ["CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT", "DELETE"];
  const consumers = verbs.map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.>`);
  const lists = [
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.NAMES.${stream}`,
    `$JS.API.CONSUMER.LIST.${stream}`,
  ];
  return [...looksUp(stream), ...lists, ...consumers, `$JS.ACK.${stream}.>`, `$JS.FC.${stream}.>`];
}

function reads(bucket: string): string[] {
  return consumes(`KV_${bucket}`);
}

/** A purge is how a key-value store forgets old parts. */
function writes(bucket: string): string[] {
  return [...puts(bucket), `$JS.API.STREAM.PURGE.KV_${bucket}`];
}

function puts(bucket: string): string[] {
  return [`$KV.${bucket}.>`];
}

/** Taking single messages away, where they lie. */
function erases(bucket: string): string[] {
  return [`$JS.API.STREAM.MSG.DELETE.KV_${bucket}`];
}
