import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { answerError } from "./answer-error.ts";
import { CallTokenError } from "./call-token.ts";
import { type Answer, type HandleRequestDeps, handleRequest } from "./handle-request.ts";
import { errorFields } from "./log.ts";
import { type OwnPagesDeps, ownPage } from "./own-pages.ts";

export type PluginServer = AsyncDisposable & { readonly port: number };

export type PluginServerDeps<Config> = HandleRequestDeps<Config> & OwnPagesDeps;

/** Far longer than any Envoy keeps an idle connection (ours: 3 s), so that none reuses one that is just being closed. */
const keepAliveMs = 65 * 60 * 1000;
const drainMs = 8_000;

/**
 * Listens on 127.0.0.1 for the plugin's own Envoy. Disposing stops listening, lets what is being handled finish for up to
 * eight seconds, then cuts the rest.
 */
export async function openPluginServer<C>(port: number, deps: PluginServerDeps<C>): Promise<PluginServer> {
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: keepAliveMs };
  const server = createServer({ ...limits, maxHeaderSize: 16 * 1024 }, async (request, response) => {
    const reply = await replyTo(request, deps);
    const mayBeReused = server.listening && request.complete;
    response
      .writeHead(reply.status, { ...reply.headers, ...(mayBeReused ? {} : { connection: "close" }) })
      .end(reply.text);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    [Symbol.asyncDispose]: () => drain(server),
  };
}

type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text?: string };

/** Never rejects. */
async function replyTo<C>(request: IncomingMessage, deps: PluginServerDeps<C>): Promise<Reply> {
  const page = ownPage(request.method, request.url, deps);
  if (page) return reply(200, page.contentType, page.text);
  return handleRequest(request, deps)
    .then(encode)
    .catch((error: unknown) => encode(explain(error, deps)));
}

/** @throws TypeError when a handler answered with something that is not JSON */
function encode({ status, body }: Answer): Reply {
  return body === undefined ? { status, headers: {} } : reply(status, "application/json", JSON.stringify(body));
}

function reply(status: number, contentType: string, text: string): Reply {
  return { status, headers: { "content-type": contentType, "content-length": String(Buffer.byteLength(text)) }, text };
}

function explain<C>(error: unknown, deps: PluginServerDeps<C>): Answer {
  const answer = answerError(error);
  const reason = error instanceof CallTokenError ? error.message : undefined;
  const fields = { ...errorFields(error), reason, status: answer.status };
  if (answer.status >= 500) deps.context.log.error("a request failed", fields);
  else deps.context.log.warn("a request was refused", fields);
  return answer;
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
}
