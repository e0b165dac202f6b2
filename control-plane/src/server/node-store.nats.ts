import type { KV } from "@nats-io/kv";
import { type NodeEntry, nodeKey } from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import type { NodeStore } from "./node-registry.ts";

export function natsNodeStore(open: () => Promise<KV>): NodeStore {
  return {
    put: async (entry) => {
      const bucket = await open();
      const key = nodeKey(entry);
      const before = await bucket.get(key);
      if (before?.operation === "PUT" && isSamePlace(before.string(), entry)) return;
      await bucket.put(key, JSON.stringify(entry));
    },
    keys: async () => Array.fromAsync(await (await open()).keys()),
    remove: async (key) => (await open()).delete(key),
  };
}

function isSamePlace(stored: string, entry: NodeEntry): boolean {
  const before = parseStrictJson(stored);
  return JSON.stringify({ ...entry, ready_at: "" }) === JSON.stringify({ ...Object(before), ready_at: "" });
}
