import { Kvm } from "@nats-io/kv";
import { buckets, type NodeEntry, nodeKey } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { type Patience, until } from "../until.ts";
import { instance } from "./start-agent.ts";

/** Resolves when the control plane says that a plugin's Envoy takes calls, and has said so since then. */
export async function untilReachable(
  pluginId: string,
  since: Date,
  { nats, ...patience }: Patience & { nats: NatsConnection },
): Promise<void> {
  const nodes = await new Kvm(nats).open(buckets.nodes);
  const key = nodeKey({ plugin_id: pluginId, instance });
  const look = async () => {
    const entry = await nodes.get(key);
    return entry?.operation === "PUT" && new Date(entry.json<NodeEntry>().ready_at) >= since ? entry : undefined;
  };
  await until(`the Envoy of plugin ${pluginId} did not take calls`, look, patience);
}
