import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Agent, request } from "undici";
import { AdminApiError } from "./admin-api-error.ts";

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

const timeoutMs = 20_000;

/** Core's HTTP, without a login: every status but 2xx is an `AdminApiError`. */
export class CoreConnection implements AsyncDisposable {
  readonly #base: string;
  readonly #agent: Agent;

  private constructor(base: string, agent: Agent) {
    this.#base = base;
    this.#agent = agent;
  }

  static async open(address: CoreAddress): Promise<CoreConnection> {
    const ca = address.caFile === undefined ? {} : { ca: await readFile(address.caFile, "utf8") };
    const [base, here] =
      "port" in address
        ? [`https://127.0.0.1:${address.port}`, { servername: "localhost" }]
        : [address.url.replace(/\/$/, ""), {}];
    return new CoreConnection(base, new Agent({ connect: { ...ca, ...here }, connections: 4 }));
  }

  /** The whole answer. @throws AdminApiError */
  async ask({ path, ...asked }: CoreRequest): Promise<Buffer> {
    const options = { ...asked, dispatcher: this.#agent, signal: AbortSignal.timeout(timeoutMs) };
    const reply = await request(`${this.#base}${path}`, options);
    const bytes = Buffer.from(await reply.body.arrayBuffer());
    if (reply.statusCode < 300) return bytes;
    throw AdminApiError.of(`${asked.method} ${path}`, reply.statusCode, bytes.toString("utf8"));
  }

  /** What a route gives, as it comes; breaks off with an error when the answer does, or nothing comes. @throws AdminApiError */
  async stream(path: string, { headers, signal, silenceMs = timeoutMs }: StreamOptions): Promise<Readable> {
    const options = { dispatcher: this.#agent, headersTimeout: timeoutMs, bodyTimeout: silenceMs };
    const reply = await request(`${this.#base}${path}`, {
      ...options,
      ...(headers && { headers }),
      ...(signal && { signal }),
    });
    if (reply.statusCode < 300) return reply.body;
    throw AdminApiError.of(`GET ${path}`, reply.statusCode, await reply.body.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
