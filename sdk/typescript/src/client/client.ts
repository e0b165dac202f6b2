import type { MailBody, RegisterReply } from "@vivified/contracts";
import type { JsonObject, JsonValue } from "../json.ts";
import { type CallOptions, type Fetch, openLane } from "./lane.ts";
import { openLanes } from "./lanes.ts";
import { openFetch } from "./open-fetch.ts";
import { openOwnAffairs } from "./own-affairs.ts";
import { openStorage, type Storage } from "./storage.ts";

export type ClientOptions = {
  /** The plugin's own Envoy, `http://127.0.0.1:<port>`. */
  readonly laneUrl: string;
  /** This plugin's id: what it publishes says so, and the platform checks it against the SVID. */
  readonly pluginId: string;
  /** How requests are sent; default undici with connections of its own, which ignores proxy settings. */
  readonly fetch?: Fetch;
};

export type NewEvent = {
  readonly type: string;
  readonly payload: JsonObject;
  /** What the payload carries (`pii`, `phi` …), in addition to what the platform finds in it. */
  readonly traits?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
};

export type ExternalRequest = {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
};
export type ExternalReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As policy left it: JSON parsed, text cut, binary withheld. */
  readonly body: JsonValue;
};

/** A mail and the server that takes it, `smtp://host:587` or `smtps://host`. */
export type Mail = Readonly<MailBody> & { readonly server: string };

export type Registration = {
  readonly status: RegisterReply["status"];
  readonly grants: RegisterReply["grants"];
  readonly warnings: readonly string[];
};

/** Everything a plugin can do in the world. Failures are one of the five kinds of `LaneError`. */
export type Client = AsyncDisposable & {
  /** Publishes a canonical event; resolves once it is durable. */
  publishEvent(event: NewEvent, options?: CallOptions): Promise<{ readonly eventId: string }>;
  /** Calls a declared operation of another plugin. A refusal by the plugin itself has origin `target`. */
  callPlugin(plugin: string, operation: string, payload: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** Calls a service outside the platform. Its own status of 400 or more is an `UnavailableError` (502, `upstreamStatus`). */
  callExternal(request: ExternalRequest, options?: CallOptions): Promise<ExternalReply>;
  /** Sends a mail; the gateway speaks SMTP. */
  sendMail(mail: Mail, options?: CallOptions): Promise<ExternalReply>;
  /** This plugin's settings, as kept by the platform. */
  getConfig(): Promise<JsonObject>;
  setConfig(config: JsonObject): Promise<void>;
  /** Key-value storage of this plugin alone. */
  readonly storage: Storage;
  register(manifest: JsonObject): Promise<Registration>;
  heartbeat(uptimeS: number): Promise<void>;
};

/** Opens a client on the plugin's lane. Dispose it to close its connections. @throws TypeError when `laneUrl` is no URL. */
export function createClient({ laneUrl, pluginId, fetch }: ClientOptions): Client {
  const connections = openFetch();
  const lane = openLane(laneUrl, fetch ?? connections.fetch);
  return {
    ...openLanes(lane, pluginId),
    ...openOwnAffairs(lane),
    storage: openStorage(lane),
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}
