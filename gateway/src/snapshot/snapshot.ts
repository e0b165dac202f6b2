import type { JsonObject, SnapshotPolicy, SnapshotSettings, SpiffeId } from "@vivified/contracts";
import type { GrantIndex } from "./grants.ts";

/** A declared operation of a plugin, as the gateway calls it. */
export type Operation = {
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** May hold `{param}`s, filled from the payload. */
  readonly path: string;
  readonly requiresTraits: readonly string[];
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  /** JSON Schemas (draft 2020-12), with `x-vivified-traits` and `x-vivified-attribute`. */
  readonly input?: JsonObject;
  readonly output?: JsonObject;
};

/** Who acts or receives, as policy knows them. */
export type Party = { readonly id: string; readonly spiffeId: SpiffeId; readonly traits: readonly string[] };

/** A principal of the lanes: a plugin, or core itself (id `core`). */
export type Plugin = Party & {
  readonly status: "registered" | "active" | "disabled";
  readonly version: string;
  readonly operations: ReadonlyMap<string, Operation>;
  readonly publishes: ReadonlySet<string>;
  readonly subscribes: ReadonlySet<string>;
  /** Where deliveries are POSTed to. Absent: the plugin receives none. */
  readonly eventsPath?: string;
};

/** A registered event type; its schema labels and checks payloads. */
export type EventType = { readonly type: string; readonly schema?: JsonObject };

/** Everything a lane looks up, compiled to maps. Immutable: a lane call keeps the one it began with. */
export type Snapshot = {
  readonly revision: number;
  readonly trustDomain: string;
  readonly settings: SnapshotSettings;
  /** The policy in force; absent while core has none. */
  readonly policy?: SnapshotPolicy;
  readonly plugins: ReadonlyMap<string, Plugin>;
  readonly pluginsBySpiffeId: ReadonlyMap<string, Plugin>;
  /** Grants of active plugins only: whoever is not active is granted nothing. */
  readonly grants: GrantIndex;
  readonly eventTypes: ReadonlyMap<string, EventType>;
};
