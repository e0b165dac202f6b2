import { type MeshDispatcher, meshDispatcher, type SvidSource, VivifiedError } from "@vivified/runtime";
import { type Dispatcher, errors } from "undici";
import type { NodeDirectory } from "../snapshot/node-directory.ts";
import type { Party } from "../snapshot/snapshot.ts";
import type { PluginClient, PluginReply, PluginRequest } from "./plugin-client.ts";

export type MeshPluginClientOptions = {
  readonly svid: SvidSource;
  readonly nodes: Pick<NodeDirectory, "has" | "pick">;
  readonly maxReplyBytes: number;
};

/** Calls plugins over mTLS, each identity over connections of its own. */
export class MeshPluginClient implements PluginClient, AsyncDisposable {
  readonly #options: MeshPluginClientOptions;
  readonly #dispatchers = new Map<string, MeshDispatcher>();
  #closed = false;

  constructor(options: MeshPluginClientOptions) {
    this.#options = options;
  }

  reachable = (pluginId: string): boolean => this.#options.nodes.has(pluginId);

  send = async (request: PluginRequest): Promise<PluginReply> => {
    const node = this.#options.nodes.pick(request.plugin.id);
    if (node === undefined || this.#closed) throw new VivifiedError("target_unavailable");
    const origin = `https://${hostOf(node.host)}:${node.port}`;
    try {
      return await this.#exchange(origin, request);
    } catch (error) {
      throw failureOf(error);
    }
  };

  /** Calls under way fail, and nothing is sent any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#dispatchers.values()].map((dispatcher) => dispatcher[Symbol.asyncDispose]()));
    this.#dispatchers.clear();
  }

  async #exchange(origin: string, request: PluginRequest): Promise<PluginReply> {
    const { method, path, headers, timeoutMs } = request;
    const reply = await this.#dispatcherOf(request.plugin).request({
      origin,
      method,
      path,
      headers,
      body: request.body ?? null,
      signal: AbortSignal.timeout(timeoutMs),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const body = await textOf(reply.body, this.#options.maxReplyBytes);
    return { status: reply.statusCode, headers: firstOfEach(reply.headers), body };
  }

  #dispatcherOf({ spiffeId }: Party): Dispatcher {
    const known = this.#dispatchers.get(spiffeId) ?? meshDispatcher({ svid: this.#options.svid, expect: spiffeId });
    this.#dispatchers.set(spiffeId, known);
    return known.dispatcher;
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new VivifiedError("target_failed", { detail: "the target's reply is too large" });
    chunks.push(chunk);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
}

function firstOfEach(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const firsts = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  return Object.fromEntries(firsts.filter(([, value]) => value !== undefined));
}

function hostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function failureOf(error: unknown): VivifiedError {
  if (error instanceof VivifiedError) return error;
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    (error instanceof DOMException && error.name === "TimeoutError");
  return new VivifiedError(timedOut ? "target_timeout" : "target_failed", { cause: error });
}
