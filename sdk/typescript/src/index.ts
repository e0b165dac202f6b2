export {
  type Client,
  type ClientOptions,
  createClient,
  type ExternalReply,
  type ExternalRequest,
  type Mail,
  type NewEvent,
  type Registration,
} from "./client/client.ts";
export type { CallOptions, Fetch } from "./client/lane.ts";
export {
  AuthenticationError,
  DeniedError,
  InvalidError,
  LaneError,
  type LaneFailure,
  NotFoundError,
  type Origin,
  UnavailableError,
} from "./client/lane-error.ts";
export type { Storage } from "./client/storage.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
export type { PlatformEvent } from "./plugin/event.ts";
export { errorFields, type Log, type LogFields } from "./plugin/log.ts";
export type { Counter, Metrics } from "./plugin/metrics.ts";
export type {
  Call,
  EventHandler,
  OperationHandler,
  PluginContext,
  PluginDefinition,
} from "./plugin/plugin-definition.ts";
export { Refusal, type RefusalCode } from "./plugin/refusal.ts";
export { runPlugin } from "./plugin/run-plugin.ts";
export { type Setting, stringSettings, urlOf } from "./plugin/settings.ts";
export { StartError } from "./plugin/start-error.ts";
export { type PluginEnvironment, type RunningPlugin, startPlugin } from "./plugin/start-plugin.ts";
export { currentTrace, inNewTrace, type TraceContext } from "./trace.ts";
