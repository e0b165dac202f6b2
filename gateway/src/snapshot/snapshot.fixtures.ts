import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { Kvm } from "@nats-io/kv";
import {
  buckets,
  canonicalJson,
  type NodeEntry,
  nodeKey,
  pluginSpiffeId,
  type SnapshotDocument,
  type SnapshotOperation,
  type SnapshotPlugin,
  type SnapshotPolicy,
  snapshotCurrentKey,
  snapshotManifestType,
  snapshotPartKey,
} from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { CompactSign } from "jose";

export const trustDomain = "vivified.local";

export function snapshotOperation(name: string, changes: Partial<SnapshotOperation> = {}): SnapshotOperation {
  const path = `/operations/${name}`;
  return { name, method: "POST", path, requires_traits: [], idempotent: false, timeout_ms: 2_000, ...changes };
}

export function snapshotPlugin(id: string, changes: Partial<SnapshotPlugin> = {}): SnapshotPlugin {
  return {
    id,
    spiffe_id: pluginSpiffeId(trustDomain, id),
    status: "active",
    version: "1.0.0",
    traits: [],
    operations: [],
    publishes: [],
    subscribes: [],
    ...changes,
  };
}

export function snapshotDocument(changes: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const rate = { requests: 100, window_ms: 60_000 };
  return {
    version: 1,
    trust_domain: trustDomain,
    settings: { egress_enabled: true, max_staleness_ms: 60_000, egress_rate_limit: rate },
    plugins: [],
    grants: [],
    event_types: [],
    ...changes,
  };
}

export type ManifestChanges = {
  revision?: number;
  madeAt?: Date;
  partHash?: string;
  signWith?: KeyObject;
  /** Of the signed document, instead of the manifest's. */
  type?: string;
  /** What is stored under the names of the parts, instead of them. */
  partsOf?: SnapshotDocument;
};

/** Publishes as core does; `changes` make a manifest that must not be taken. */
export type TestCore = {
  readonly publicKeyPem: string;
  readonly publish: (document: SnapshotDocument, changes?: ManifestChanges) => Promise<number>;
  readonly putNode: (entry: NodeEntry) => Promise<void>;
  readonly dropNode: (entry: Pick<NodeEntry, "plugin_id" | "instance">) => Promise<void>;
};

/** `policy` goes into every document that has none of its own. */
export function testCore(connection: NatsConnection, policy?: SnapshotPolicy): TestCore {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const manager = new Kvm(connection);
  let last = 0;
  return {
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    publish: async (published, changes = {}) => {
      const document = { ...(policy && { policy }), ...published };
      const bucket = await manager.open(buckets.snapshot);
      last = changes.revision ?? last + 1;
      const parts = halvesOf(document).map((half) => createHash("sha256").update(half).digest("hex"));
      const stored = halvesOf(changes.partsOf ?? document);
      for (const [index, half] of stored.entries()) await bucket.put(snapshotPartKey(parts[index] ?? ""), half);
      const named = changes.partHash === undefined ? parts : [changes.partHash];
      const manifest = { revision: last, made_at: (changes.madeAt ?? new Date()).toISOString(), parts: named };
      const jws = await new CompactSign(Buffer.from(JSON.stringify(manifest)))
        .setProtectedHeader({ alg: "EdDSA", typ: changes.type ?? snapshotManifestType })
        .sign(changes.signWith ?? privateKey);
      await bucket.put(snapshotCurrentKey, jws);
      return last;
    },
    putNode: async (entry) => {
      await (await manager.open(buckets.nodes)).put(nodeKey(entry), JSON.stringify(entry));
    },
    dropNode: async (entry) => (await manager.open(buckets.nodes)).delete(nodeKey(entry)),
  };
}

function halvesOf(document: SnapshotDocument): Buffer[] {
  const text = canonicalJson(document);
  return [text.slice(0, text.length / 2), text.slice(text.length / 2)].map((half) => Buffer.from(half));
}
