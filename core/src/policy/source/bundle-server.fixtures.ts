import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A plain HTTP server as people put bundles on: ETag, 304, and whatever a test lets it do instead. */
export class BundleServer implements AsyncDisposable {
  readonly #server: Server;
  #handler: Handler = (_, response) => void response.writeHead(404).end();
  /** Headers of every request, and what it was answered. */
  readonly requests: { readonly headers: IncomingMessage["headers"]; status: number }[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      const seen = { headers: request.headers, status: 0 };
      this.requests.push(seen);
      response.on("close", () => {
        seen.status = response.statusCode;
      });
      this.#handler(request, response);
    });
  }

  static async start(): Promise<BundleServer> {
    const server = new BundleServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/bundle.tar.gz`;
  }

  /** Serves an archive from now on. */
  serve(archive: Uint8Array): void {
    const etag = `"${createHash("sha256").update(archive).digest("hex").slice(0, 16)}"`;
    this.answer((request, response) => {
      if (request.headers["if-none-match"] === etag) return void response.writeHead(304, { etag }).end();
      response.writeHead(200, { etag, "content-type": "application/gzip" }).end(archive);
    });
  }

  /** Does anything else from now on. */
  answer(handler: Handler): void {
    this.#handler = handler;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
