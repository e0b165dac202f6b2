import type { KV } from "@nats-io/kv";
import { type NodeEntry, nodeKey } from "@vivified/contracts";
import { parseStrictJson } from "@vivified/runtime";
import type { NodeStore } from "./node-registry.ts";

/** `list`: the keys that the bucket has, also of entries that were deleted. */
export function natsNodeStore(open: () => Promise<KV>, list: () => Promise<readonly string[]>): NodeStore {
  return {
    put: async (entry) => {
      const bucket = await open();
      const key = nodeKey(entry);
      const before = await bucket.get(key);
      if (before?.operation === "PUT" && isSamePlace(before.string(), entry)) return;
      await bucket.put(key, JSON.stringify(entry));
    },
    keys: list,
    remove: async (key) => {
      const bucket = await open();
      if ((await bucket.get(key))?.operation === "PUT") await bucket.delete(key);
    },
  };
}

function isSamePlace(stored: string, entry: NodeEntry): boolean {
  const before = parseStrictJson(stored);
  return JSON.stringify({ ...entry, ready_at: "" }) === JSON.stringify({ ...Object(before), ready_at: "" });
}
