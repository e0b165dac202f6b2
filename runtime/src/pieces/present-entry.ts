import type { KvEntry } from "@nats-io/kv";

/** An entry that was not deleted. */
export function presentEntry(entry: KvEntry | null): KvEntry | undefined {
  return entry?.operation === "PUT" ? entry : undefined;
}
