import { type PluginDefinition, stringSettings } from "@vivified/sdk";
import manifest from "../manifest.json" with { type: "json" };
import { createProfile } from "./create-profile.ts";
import { getUser } from "./get-user.ts";

export type UserManagementConfig = Readonly<Record<never, string>>;

/** Keeps a profile of everybody who was created, in core's storage, and answers who they are. */
export function userManagement(): PluginDefinition<UserManagementConfig> {
  return {
    manifest,
    config: (settings) => stringSettings(settings, {}),
    operations: {
      get_user: ({ user_id }, { client }) => getUser(user_id, "basic", client.storage),
      get_user_by_id: ({ id }, { client }) => getUser(id, "basic", client.storage),
      get_user_extended: ({ user_id }, { client }) => getUser(user_id, "extended", client.storage),
    },
    events: {
      UserCreated: async (event, { client, metrics }) => {
        const created = await createProfile(event, client.storage);
        if (created) metrics.counter("profiles_created_count", "Profiles created").add();
      },
    },
  };
}
