import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:https";
import type { Svid } from "@vivified/runtime";

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string; atMs: number };
export type Answer = { status?: number; body?: string | Buffer; delayMs?: number; hangUp?: boolean };

/** A real plugin endpoint behind mTLS, as its Envoy would be: tells what reached it and answers as it is told. */
export type TargetPlugin = AsyncDisposable & {
  readonly port: number;
  readonly received: Received[];
  answer: (request: Received) => Answer;
};

export async function startTargetPlugin(svid: Svid): Promise<TargetPlugin> {
  const tls = {
    key: svid.keyPem,
    cert: svid.chainPem,
    ca: svid.bundlePem,
    requestCert: true,
    rejectUnauthorized: true,
  };
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const received: Received = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      atMs: performance.now(),
    };
    target.received.push(received);
    const { status = 200, body = "{}", delayMs = 0, hangUp = false } = target.answer(received);
    setTimeout(() => {
      if (hangUp) response.destroy();
      else response.writeHead(status, { "content-type": "application/json" }).end(body);
    }, delayMs);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const target: TargetPlugin = {
    port: address.port,
    received: [],
    answer: () => ({}),
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return target;
}
