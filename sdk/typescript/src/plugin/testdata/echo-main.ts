import type { JsonObject } from "../../json.ts";
import { echoPlugin } from "../plugin.fixtures.ts";
import type { Call } from "../plugin-definition.ts";
import { runPlugin } from "../run-plugin.ts";
import { stringSettings } from "../settings.ts";

/** A plugin as a process: it crashes when a call says so, or waits at a gate that its lane keeps. */
async function echo(payload: JsonObject, { client }: Call<unknown>): Promise<JsonObject> {
  if (payload.crash) setTimeout(() => Promise.reject(new Error("the password is hunter2")));
  if (payload.gate) await client.storage.get("gate");
  return { done: true };
}

await runPlugin(
  echoPlugin({
    operations: { echo, read: echo },
    config: (settings) => stringSettings(settings, { colour: { check: () => undefined, fallback: "red" } }),
  }),
);
