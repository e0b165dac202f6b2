import type { Operation, Party } from "../snapshot/snapshot.ts";

/** One HTTP request to a plugin, over mTLS to the Envoy of one of its instances. */
export type PluginRequest = {
  readonly plugin: Party;
  readonly method: Operation["method"];
  /** Begins with `/`; already percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. Absent: no body is sent. */
  readonly body?: string;
  readonly timeoutMs: number;
};

export type PluginReply = {
  readonly status: number;
  /** First value of each; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PluginClient = {
  /** Whether an instance of the plugin is ready to be called. */
  readonly reachable: (pluginId: string) => boolean;
  /**
   * Every answer of the plugin's is a reply, whatever its status.
   *
   * @throws VivifiedError `target_unavailable` 503 (no instance is known), `target_timeout` 504, `target_failed` 502
   *   (broken connection, wrong identity, reply too large)
   */
  readonly send: (request: PluginRequest) => Promise<PluginReply>;
};
