import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;

/**
 * What a plugin may ask of core through its lane, besides registration. Keys are the plugin's own: two plugins with the
 * same key never meet. A key is one path segment, percent-encoded on the wire.
 */
export const storageKeyPattern = "^[A-Za-z0-9][A-Za-z0-9._:@-]{0,199}$";

/** `PUT /storage/kv/{key}`; with `If-None-Match: *` only when the key is absent, else 409 `conflict`. */
export const StoragePutRequest = Type.Object({ value: Type.Unknown() }, closed);
export type StoragePutRequest = Static<typeof StoragePutRequest>;

/** `GET /storage/kv/{key}`, 404 `not_found` when absent; also the answer to a `PUT`. `DELETE` answers 204, absent or not. */
export const StorageEntry = Type.Object({
  key: Type.String(),
  value: Type.Unknown(),
  updated_at: Type.String({ format: "date-time" }),
});
export type StorageEntry = Static<typeof StorageEntry>;

/** `GET /plugins/self/config` answers with it, `PUT /plugins/self/config` takes it whole: the plugin's own settings. */
export const PluginConfig = Type.Object({ config: Type.Record(Type.String(), Type.Unknown()) }, closed);
export type PluginConfig = Static<typeof PluginConfig>;

/** `POST /plugins/heartbeat`, every 30 s; answers 204. */
export const HeartbeatRequest = Type.Object({ uptime_s: Type.Number({ minimum: 0 }) }, closed);
export type HeartbeatRequest = Static<typeof HeartbeatRequest>;
