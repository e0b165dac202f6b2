import { Kvm } from "@nats-io/kv";
import { buckets, type NodeEntry, nodeKey } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { isListening } from "../process/until-listening.ts";
import { type Patience, until } from "../until.ts";
import { instance } from "./start-agent.ts";

/** Resolves when the control plane tells where a plugin takes calls, and its Envoy listens there. */
export async function untilReachable(pluginId: string, options: Patience & { nats: NatsConnection }): Promise<void> {
  const nodes = await new Kvm(options.nats).open(buckets.nodes);
  const key = nodeKey({ plugin_id: pluginId, instance });
  const look = async () => {
    const entry = await nodes.get(key);
    if (entry?.operation !== "PUT") return undefined;
    return (await isListening(entry.json<NodeEntry>().port)) || undefined;
  };
  await until(`the Envoy of plugin ${pluginId} did not take calls`, look, options);
}
