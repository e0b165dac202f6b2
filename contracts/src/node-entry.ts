import { type Static, Type } from "typebox";

/** An Envoy that is ready to receive calls for a plugin. Kept in the `NODES` bucket under {@link nodeKey}. */
export const NodeEntry = Type.Object(
  {
    plugin_id: Type.String({ pattern: "^[a-z0-9-]+$" }),
    instance: Type.String({ pattern: "^[a-z0-9-]+$" }),
    spiffe_id: Type.String(),
    /** Where the gateway dials it. */
    host: Type.String(),
    port: Type.Integer({ minimum: 1, maximum: 65535 }),
    ready_at: Type.String({ format: "date-time" }),
  },
  { additionalProperties: false },
);
export type NodeEntry = Static<typeof NodeEntry>;

export function nodeKey(entry: Pick<NodeEntry, "plugin_id" | "instance">): string {
  return `${entry.plugin_id}.${entry.instance}`;
}

/** Envoy's `node.id` for an instance of a plugin; it must begin with the plugin that its SVID names. */
export function envoyNodeId(pluginId: string, instance: string): string {
  return `${pluginId}~${instance}`;
}

export function parseEnvoyNodeId(id: string): { pluginId: string; instance: string } | undefined {
  const [, pluginId, instance] = /^([a-z0-9-]+)~([a-z0-9-]+)$/.exec(id) ?? [];
  return pluginId && instance ? { pluginId, instance } : undefined;
}

/** What an Envoy says of itself in `node.metadata`: where its mesh listener is to be opened. Untrusted beyond that. */
export const NodeMetadata = Type.Object({
  mesh_host: Type.String(),
  mesh_port: Type.Integer({ minimum: 1, maximum: 65535 }),
});
export type NodeMetadata = Static<typeof NodeMetadata>;
