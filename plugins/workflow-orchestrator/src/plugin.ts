import { setTimeout as sleep } from "node:timers/promises";
import { type JsonValue, type PluginDefinition, Refusal } from "@vivified/sdk";
import manifest from "../manifest.json" with { type: "json" };
import { readConfig, type WorkflowConfig } from "./config.ts";
import { onboard } from "./onboard.ts";
import { loadState } from "./onboarding-state.ts";

/** Greets everybody who was created, and says when that is done. */
export function workflowOrchestrator(): PluginDefinition<WorkflowConfig> {
  return {
    manifest,
    config: readConfig,
    operations: {
      get_onboarding: async (payload, { client }) => {
        const user_id = readUserId(payload.user_id);
        const state = await loadState(user_id, client.storage);
        if (state === undefined) throw new Refusal("not_found", "there is no onboarding of this user");
        const { attempts: _attempts, ...shown } = state;
        return { user_id, ...shown };
      },
    },
    events: {
      UserCreated: ({ data }, call) => onboard(readUserId(data.user_id), { ...call, sleep }),
      EmailSent: async (_event, { metrics }) =>
        metrics.counter("emails_confirmed_count", "EmailSent events heard").add(),
    },
  };
}

function readUserId(value: JsonValue | undefined): string {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value)) return value;
  throw new Refusal("invalid", "/user_id: is not a user id");
}
