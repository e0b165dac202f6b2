import type { JsonObject } from "../json.ts";
import { type LaneStandIn, openLaneStandIn } from "../testing/lane-stand-in.ts";
import type { PluginDefinition } from "./plugin-definition.ts";
import { type PluginEnvironment, type RunningPlugin, startPlugin } from "./start-plugin.ts";

export const echoManifest: JsonObject = {
  id: "echo",
  name: "Echo",
  version: "1.2.3",
  contracts: ["CustomPlugin"],
  endpoints: { health: "/health", echo: "/operations/echo", read: { path: "/api/things/{id}", method: "GET" } },
  events: { publishes: [], subscribes: ["UserCreated"], endpoint: "/events" },
};

/** A plugin that gives back what it gets, and counts the events that it handled. */
export function echoPlugin(over: Partial<PluginDefinition<JsonObject>> = {}): PluginDefinition<JsonObject> {
  return {
    manifest: echoManifest,
    config: (settings) => settings,
    operations: {
      echo: async (payload, call) => ({ ...payload, caller: call.caller, decision: call.decisionId }),
      read: async (payload) => payload,
    },
    events: { UserCreated: async (_event, call) => call.metrics.counter("events_seen", "Events seen").add() },
    ...over,
  };
}

export type EchoPlugin = AsyncDisposable & {
  readonly lane: LaneStandIn;
  readonly plugin: RunningPlugin<JsonObject>;
  readonly under: { readonly id: string; readonly port: number };
  readonly url: string;
  readonly logged: () => string;
};

/** A running echo plugin and a stand-in for its lane. */
export async function startEcho(
  over: Partial<PluginDefinition<JsonObject>> = {},
  environment: Partial<PluginEnvironment> = {},
): Promise<EchoPlugin> {
  await using stack = new AsyncDisposableStack();
  const lane = stack.use(await openLaneStandIn());
  const lines: string[] = [];
  const membership = { heartbeatMs: 20, retryMs: { first: 5, longest: 20 } };
  const standard = { laneUrl: lane.url, port: 0, settings: {}, trustDomain: "vivified.local", membership };
  const writeLog = (line: string) => void lines.push(line);
  const plugin = stack.use(await startPlugin(echoPlugin(over), { ...standard, writeLog, ...environment }));
  const open = stack.move();
  const under = { id: "echo", port: plugin.port };
  const url = `http://127.0.0.1:${plugin.port}`;
  return { lane, plugin, under, url, logged: () => lines.join(""), [Symbol.asyncDispose]: () => open.disposeAsync() };
}
