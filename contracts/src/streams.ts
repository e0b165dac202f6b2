/** JetStream names, said once. Durations are milliseconds. */
const day = 24 * 60 * 60 * 1000;

/**
 * Canonical events: what was published, for seven days, a million messages or a gibibyte; full means publishers are
 * refused. The bytes are bounded so that publishing can never take the room that the audit trail needs.
 */
export const canonicalEventsStream = {
  name: "CANONICAL_EVENTS",
  subjects: ["events.canonical.>"],
  maxAgeMs: 7 * day,
  maxMessages: 1_000_000,
  maxBytes: 1024 ** 3,
  duplicateWindowMs: 10 * 60 * 1000,
} as const;

/** Decision blocks: the record of everything. NATS forgets none: core purges what retention lets go and no hold keeps. */
export const auditEventsStream = {
  name: "AUDIT_EVENTS",
  subjects: ["audit.>"],
  maxAgeMs: 0,
  maxMessages: -1,
  maxBytes: -1,
  duplicateWindowMs: 2 * 60 * 1000,
} as const;

/** Event types are registered names: a capital letter, then letters and digits, with dotted versions. */
export const eventTypePattern = "^[A-Z][A-Za-z0-9]{0,63}(\\.[A-Za-z0-9]{1,16}){0,4}$";
const eventType = new RegExp(eventTypePattern);

/** The subject of an event type. @throws TypeError for a name that is not an event type: nothing else reaches a subject. */
export function canonicalEventSubject(type: string): string {
  if (!eventType.test(type)) throw new TypeError("not an event type");
  return `events.canonical.${type}`;
}

/** Who writes core's own records into the stream, and alone speaks for core there. */
export const coreWriter = "core";

/**
 * Who writes the control plane's records, and alone speaks for it. All its instances write one chain: they have little to
 * say, and a block that comes second is written again behind the first.
 */
export const controlPlaneWriter = "control-plane";

/** Chains that one gateway may write: so many subjects are its own. */
export const mostAuditChains = 8;

/** What the subjects of all decision blocks begin with; the writer follows, as one token. */
export const auditBlockPrefix = "audit.blocks.";

/** The subject of one writer's decision blocks. */
export function auditBlockSubject(writer: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(writer)) throw new TypeError("not a writer id");
  return `${auditBlockPrefix}${writer}`;
}

/** The durable consumer of a subscriber. Core reads the blocks from a position of its own and needs none. */
export function subscriberConsumerName(pluginId: string): string {
  return `subscriber-${pluginId}`;
}

/** Key-value buckets. */
export const buckets = {
  /** `current`: the signed snapshot manifest; `part.<sha256>`: its parts. Written by core. */
  snapshot: "SNAPSHOT",
  /** Hashed one-time join tokens. Written by the installer and core, consumed by the control plane. */
  joinTokens: "JOIN_TOKENS",
  /** `<plugin>.<instance>`: where a plugin's Envoy listens for the gateway. Written by the control plane. */
  nodes: "NODES",
  /** `gateway.<writer>`: public JWKs of the gateways' call-token keys. Written by gateways. */
  signingKeys: "SIGNING_KEYS",
  /** `part.<sha256>`: pieces of policy bundles, which the snapshot names. Written by core. */
  policy: "POLICY",
  /** `gateway.<writer>`: which policy a gateway runs, and what its candidate would do. Written by gateways. */
  policyStatus: "POLICY_STATUS",
  /** `<hash of a data subject>`: its public key, and its private one wrapped to core. Written by gateways, erased by core. */
  subjectKeys: "SUBJECT_KEYS",
} as const;
export type Bucket = (typeof buckets)[keyof typeof buckets];

/** Buckets that somebody follows: the server tells of each entry that it stored on {@link bucketChangeSubject}. */
export const followedBuckets = [buckets.snapshot, buckets.nodes, buckets.signingKeys, buckets.policyStatus] as const;
export type FollowedBucket = (typeof followedBuckets)[number];

/** Where it is told that an entry was stored, without what it says. `key` may end in `>`. */
export function bucketChangeSubject(bucket: FollowedBucket, key: string): string {
  return `changed.${bucket}.${key}`;
}
