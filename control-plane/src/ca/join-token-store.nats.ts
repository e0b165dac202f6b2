import { JetStreamApiError } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { JoinTokenStore } from "./join-token-store.ts";

/** JetStream's code for "the last sequence of the subject is another": somebody wrote in between. */
const wrongLastSequence = 10071;

export function natsJoinTokenStore(open: () => Promise<KV>): JoinTokenStore {
  return {
    find: async (key) => {
      const entry = await (await open()).get(key);
      if (entry === null || entry.operation !== "PUT") return undefined;
      return { key, value: entry.string(), revision: entry.revision };
    },
    replace: async (stored, value) =>
      (await open()).update(stored.key, value, stored.revision).then(
        () => true,
        (error: unknown) => {
          if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return false;
          throw error;
        },
      ),
  };
}
