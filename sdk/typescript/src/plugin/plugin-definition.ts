import type { Client } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import type { PlatformEvent } from "./event.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** What every handler may use. */
export type PluginContext<Config> = {
  /** The way to the platform; calls continue the trace of what is being handled. */
  readonly client: Client;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly log: Log;
};

/** One permitted call, as the gateway's token says it. */
export type Call<Config> = PluginContext<Config> & {
  /** The plugin that calls (its id), or `core`. */
  readonly caller: string;
  readonly decisionId: string;
  readonly traceId: string;
};

/** Answers an operation. @throws Refusal to say no (403, 404, 409, 422); whatever else it throws is a bare 500. */
export type OperationHandler<Config> = (payload: JsonObject, call: Call<Config>) => Promise<JsonObject>;

/**
 * Handles an event. Deliveries are at least once and in no order between subscribers, and another process may have seen
 * the same event: what it does must be idempotent. What it throws makes the platform deliver again.
 */
export type EventHandler<Config> = (event: PlatformEvent, call: Call<Config>) => Promise<void>;

export type PluginDefinition<Config> = {
  /** The content of `manifest.json`. */
  readonly manifest: JsonObject;
  /** Reads the plugin's own settings. @throws StartError naming every fault at once */
  readonly config: (settings: JsonObject) => Config;
  /** One handler for each operation that the manifest declares. */
  readonly operations: Readonly<Record<string, OperationHandler<Config>>>;
  /** One handler for each event type that the manifest subscribes to. */
  readonly events?: Readonly<Record<string, EventHandler<Config>>>;
  /** Runs before the plugin listens and registers. */
  readonly initialize?: (context: PluginContext<Config>) => Promise<void>;
  /** Runs after the last request was answered. */
  readonly shutdown?: (context: PluginContext<Config>) => Promise<void>;
};
