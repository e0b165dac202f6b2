import { type Call, type JsonObject, type PlatformEvent, runPlugin, stringSettings } from "@vivified/sdk";
import { EffectLog } from "../../../src/sinks/effect-log.ts";
import manifest from "../manifest.json" with { type: "json" };

type Config = { readonly effects_file: string };
let effects: EffectLog | undefined;

/** Answers only what it has noted: a call is durable here before anybody hears that it arrived. */
const take = (sink: "rpc" | "never") => async (payload: JsonObject, call: Call<Config>) => {
  const op = String(payload.op);
  await effects?.note({ sink, op, decisionId: call.decisionId });
  return { op };
};

/** The operation's id is the step of a failed workflow, or the name of a new user. */
async function hear(event: PlatformEvent, call: Call<Config>): Promise<void> {
  const op = String(event.type === "UserCreated" ? event.data.username : event.data.step);
  await effects?.note({ sink: "delivery", op, decisionId: call.decisionId, eventId: event.id });
}

await runPlugin<Config>({
  manifest,
  config: (settings) => stringSettings(settings, { effects_file: { check: () => undefined } }),
  operations: { take: take("rpc"), never: take("never") },
  events: { WorkflowFailed: hear, UserCreated: hear },
  initialize: async ({ config }) => {
    effects = await EffectLog.open(config.effects_file);
  },
});
