import { type PluginDefinition, stringSettings } from "@vivified/sdk";
import manifest from "../manifest.json" with { type: "json" };
import type { ReceivedEvents } from "./received-events.ts";
import { getTopics, subscribe } from "./subscriptions.ts";

export type NewsletterConfig = Readonly<Record<never, string>>;

/** A plugin without any clearance. What others give it, it gets only as policy leaves it. */
export function newsletter(events: ReceivedEvents): PluginDefinition<NewsletterConfig> {
  return {
    manifest,
    config: (settings) => stringSettings(settings, {}),
    operations: {
      subscribe: (payload, { client }) => subscribe(payload, client.storage),
      get_topics: (_payload, { client }) => getTopics(client.storage),
    },
    events: { UserCreated: async (event) => events.add(event) },
  };
}
