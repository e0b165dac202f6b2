import {
  formatTraceparent,
  onBehalfOfHeader,
  processSpiffeId,
  type SpiffeId,
  type TraceContext,
} from "@vivified/contracts";
import { type MeshDispatcher, meshDispatcher, type SvidSource, VivifiedError } from "@vivified/runtime";

export type CoreRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Begins with `/`; already percent-encoded. */
  readonly path: string;
  /** On whose behalf: the SPIFFE ID of the TLS peer. */
  readonly caller: SpiffeId;
  readonly trace: TraceContext;
  /** The plugin's own conditions, if it set any. */
  readonly conditions: { readonly [name: string]: string };
  /** JSON text. Absent: no body is sent. */
  readonly body?: string;
};
export type CoreReply = { readonly status: number; readonly contentType?: string; readonly body: string };

export type CoreClientOptions = {
  readonly url: string;
  readonly svid: SvidSource;
  readonly trustDomain: string;
  readonly timeoutMs: number;
};

/** Asks core on a plugin's behalf, over mTLS. Of the plugin's own headers only conditions go along. */
export class CoreClient implements AsyncDisposable {
  readonly #options: CoreClientOptions;
  readonly #mesh: MeshDispatcher;

  constructor(options: CoreClientOptions) {
    this.#options = options;
    this.#mesh = meshDispatcher({ svid: options.svid, expect: processSpiffeId(options.trustDomain, "core") });
  }

  /** @throws VivifiedError `core_unavailable` 503 */
  async send({ method, path, caller, trace, conditions, body }: CoreRequest): Promise<CoreReply> {
    const { url, timeoutMs } = this.#options;
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const headers = {
      ...conditions,
      ...content,
      [onBehalfOfHeader]: caller,
      traceparent: formatTraceparent(trace),
    };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const request = { origin: new URL(url).origin, path, method, headers, body: body ?? null, signal };
      const reply = await this.#mesh.dispatcher.request(request);
      const type = reply.headers["content-type"];
      const text = await reply.body.text();
      return { status: reply.statusCode, body: text, ...(typeof type === "string" ? { contentType: type } : {}) };
    } catch (cause) {
      throw new VivifiedError("core_unavailable", { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mesh[Symbol.asyncDispose]();
  }
}
