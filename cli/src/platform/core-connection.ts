import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Agent, type Dispatcher, request } from "undici";
import { AdminApiError } from "./admin-api-error.ts";
import { UntrustedCoreError } from "./untrusted-core-error.ts";

/** Where core is: on this machine, or at an address with a certificate for its name. Without `caFile` the public ones count. */
export type CoreAddress =
  | { readonly port: number; readonly caFile: string }
  | { readonly url: string; readonly caFile?: string };

export type CoreRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

export type StreamOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the answer off. */
  readonly signal?: AbortSignal;
  /** How long nothing may come. */
  readonly silenceMs?: number;
};

type RequestOptions = Omit<Dispatcher.RequestOptions<null>, "origin" | "path" | "method"> &
  Partial<Pick<CoreRequest, "method">>;

const timeoutMs = 20_000;

/** Core's HTTP, without a login: every status but 2xx is an `AdminApiError`, and a bad certificate an `UntrustedCoreError`. */
export class CoreConnection implements AsyncDisposable {
  readonly #base: string;
  readonly #address: CoreAddress;
  readonly #agent: Agent;

  private constructor(base: string, address: CoreAddress, agent: Agent) {
    this.#base = base;
    this.#address = address;
    this.#agent = agent;
  }

  static async open(address: CoreAddress): Promise<CoreConnection> {
    const ca = address.caFile === undefined ? {} : { ca: await readFile(address.caFile, "utf8") };
    const [base, here] =
      "port" in address
        ? [`https://127.0.0.1:${address.port}`, { servername: "localhost" }]
        : [address.url.replace(/\/$/, ""), {}];
    return new CoreConnection(base, address, new Agent({ connect: { ...ca, ...here }, connections: 4 }));
  }

  /** The whole answer. @throws AdminApiError, UntrustedCoreError */
  async ask({ path, ...asked }: CoreRequest): Promise<Buffer> {
    const reply = await this.#request(path, { ...asked, signal: AbortSignal.timeout(timeoutMs) });
    const bytes = Buffer.from(await reply.body.arrayBuffer());
    if (reply.statusCode < 300) return bytes;
    throw AdminApiError.of(`${asked.method} ${path}`, reply.statusCode, bytes.toString("utf8"));
  }

  /** What a route gives, as it comes; breaks off with an error when the answer does, or nothing comes. @throws AdminApiError */
  async stream(path: string, { headers, signal, silenceMs = timeoutMs }: StreamOptions): Promise<Readable> {
    const limits = { headersTimeout: timeoutMs, bodyTimeout: silenceMs };
    const reply = await this.#request(path, { ...limits, ...(headers && { headers }), ...(signal && { signal }) });
    if (reply.statusCode < 300) return reply.body;
    throw AdminApiError.of(`GET ${path}`, reply.statusCode, await reply.body.text());
  }

  async #request(path: string, options: RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${this.#base}${path}`, { ...options, dispatcher: this.#agent });
    } catch (error) {
      throw UntrustedCoreError.of(error, this.#base, this.#address);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
