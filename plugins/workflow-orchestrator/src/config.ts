import { type JsonObject, stringSettings, urlOf } from "@vivified/sdk";

export type WorkflowConfig = {
  /** Where the preferences of a new user are posted to. */
  readonly preferences_url: string;
};

/** @throws StartError naming every fault */
export function readConfig(settings: JsonObject): WorkflowConfig {
  return stringSettings(settings, { preferences_url: { check: urlOf("https:", "http:") } });
}
