import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { brotliCompressSync, gzipSync } from "node:zlib";

export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

/** A service of somebody else's that behaves in every way a path can ask for; it tells what reached it. */
export function outsideService(options: { readonly redirectTo: () => string }) {
  const seen: Seen[] = [];
  const redirect: Answer = (response) => response.writeHead(302, { location: options.redirectTo() }).end();
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body: await text(request) });
    const path = url.split("?")[0] ?? "";
    const answer = path === "/redirect" ? redirect : (answers[path] ?? ok);
    answer(response);
  };
  return { seen, listener };
}

type Answer = (response: ServerResponse) => void;

const ok: Answer = (response) => json(response, { status: "ok" });

const answers: { readonly [path: string]: Answer } = {
  "/json": (response) => json(response, { status: "ok", contact: { email: "ada@example.org" }, ssn: "078-05-1120" }),
  "/text": (response) => response.writeHead(200, { "content-type": "text/plain" }).end("x".repeat(12_000)),
  "/json-as-text": (response) =>
    response.writeHead(200, { "content-type": "text/plain" }).end('{"email":"ada@example.org"}'),
  "/two-readings": (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"a":1,"a":2}'),
  "/binary": (response) => response.writeHead(200, { "content-type": "image/png" }).end(Buffer.from([1, 2, 3, 255])),
  "/gzip": (response) => packed(response, "gzip", gzipSync('{"packed":true}')),
  "/br": (response) => packed(response, "br", brotliCompressSync('{"packed":true}')),
  "/unknown-encoding": (response) => packed(response, "lzw", Buffer.from('{"packed":true}')),
  "/broken-gzip": (response) => packed(response, "gzip", gzipSync('{"packed":true}').subarray(0, 12)),
  "/bomb": (response) => packed(response, "gzip", gzipSync(Buffer.alloc(300 * 1024 * 1024))),
  "/endless": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("x".repeat(64 * 1024)), 1);
    response.on("close", () => clearInterval(timer));
  },
  "/missing": (response) => response.writeHead(404, { "content-type": "application/json" }).end('{"secret":"reason"}'),
  "/empty": (response) => response.writeHead(204).end(),
  "/hang": () => undefined,
  "/slow": (response) => setTimeout(() => json(response, { status: "ok" }), 700),
  "/personal-keys": (response) => json(response, { "ada@example.org": "subscribed" }),
  "/drip": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("."), 100);
    response.on("close", () => clearInterval(timer));
  },
  "/cookies": (response) =>
    response
      .writeHead(200, { "content-type": "application/json", "set-cookie": "a=b", "x-internal": "yes", etag: '"e1"' })
      .end("{}"),
};

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function packed(response: ServerResponse, encoding: string, bytes: Buffer): void {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(bytes);
}
