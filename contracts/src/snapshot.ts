import type { Grant } from "./grants.ts";
import type { JsonObject } from "./json.ts";
import type { KeptPayloadSettings } from "./kept-payload.ts";

/** An operation as the gateway calls it. `path` may hold `{param}`s, filled from the payload, percent-encoded. */
export type SnapshotOperation = {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly requires_traits: readonly string[];
  readonly idempotent: boolean;
  readonly timeout_ms: number;
  /** JSON Schemas, with `x-vivified-traits` and `x-vivified-attribute` on properties. */
  readonly input?: JsonObject;
  readonly output?: JsonObject;
};

/**
 * A principal of the lanes: a plugin, or core itself (id `core`, no operations). `registered` ones wait for approval and
 * `disabled` ones are quarantined: both are known, and may do nothing but register.
 */
export type SnapshotPlugin = {
  readonly id: string;
  readonly spiffe_id: string;
  readonly status: "registered" | "active" | "disabled";
  readonly version: string;
  readonly traits: readonly string[];
  readonly operations: readonly SnapshotOperation[];
  readonly publishes: readonly string[];
  readonly subscribes: readonly string[];
  /** Where deliveries are POSTed to. Absent: the plugin receives none. */
  readonly events_path?: string;
};

/** A registered event type; `schema` labels its payload's fields. */
export type SnapshotEventType = { readonly type: string; readonly schema?: JsonObject };

export type SnapshotSettings = {
  readonly egress_enabled: boolean;
  /** After this long without a word from core the lanes refuse (`snapshot_stale`). */
  readonly max_staleness_ms: number;
  readonly egress_rate_limit: { readonly requests: number; readonly window_ms: number };
  /** Absent: records keep nothing of payloads. */
  readonly kept_payloads?: KeptPayloadSettings;
};

/** A policy bundle in the `POLICY` bucket. */
export type SnapshotBundle = {
  readonly revision: string;
  /** Hex SHA-256 of the archive (`.tar.gz`), and its size in bytes. */
  readonly sha256: string;
  readonly bytes: number;
  /** Hex SHA-256 of each piece, in order; also the pieces' keys (`part.<sha256>`). */
  readonly parts: readonly string[];
};

/** The policy in force. */
export type SnapshotPolicy = SnapshotBundle & {
  /** Counts up with every activation, rollbacks included; a lower one is never accepted. */
  readonly activation: number;
  /** Judged beside it on live traffic, without effect. */
  readonly shadow?: SnapshotBundle;
};

/** Everything the gateway and the control plane need to know, as core published it. */
export type SnapshotDocument = {
  readonly version: 1;
  readonly trust_domain: string;
  readonly settings: SnapshotSettings;
  readonly plugins: readonly SnapshotPlugin[];
  readonly grants: readonly Grant[];
  readonly event_types: readonly SnapshotEventType[];
  /** Absent: nothing is in force, and gateways refuse. */
  readonly policy?: SnapshotPolicy;
};

/**
 * What the bucket's `current` key holds: a compact JWS (EdDSA by core's snapshot key, `typ` `vivified-snapshot+jwt`)
 * with this payload. The document is the parts' bytes concatenated (UTF-8 canonical JSON).
 */
export type SnapshotManifest = {
  /** Counts up by one with every published change; a lower one is never accepted. */
  readonly revision: number;
  /** RFC 3339; re-signed at least every 10 s even without a change, so that staleness can be told. */
  readonly made_at: string;
  /** Hex SHA-256 of each part, in order; also the parts' keys (`part.<sha256>`). */
  readonly parts: readonly string[];
};
export const snapshotManifestType = "vivified-snapshot+jwt";
export const snapshotCurrentKey = "current";
export const snapshotPartKey = (sha256: string): string => `part.${sha256}`;
