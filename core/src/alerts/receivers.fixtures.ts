import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { AlertNotice } from "@vivified/contracts";
import type { Svid } from "@vivified/runtime";
import { SMTPServer } from "smtp-server";

export type ReceivedHook = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly notice: AlertNotice;
};
export type HookReceiver = AsyncDisposable & {
  readonly port: number;
  readonly received: readonly ReceivedHook[];
  /** What it answers from now on. */
  readonly answer: (status: number) => void;
};

/** A real HTTP server that takes webhooks; over TLS with a certificate. */
export async function openHookReceiver(certificate?: Svid, port = 0): Promise<HookReceiver> {
  const received: ReceivedHook[] = [];
  let status = 204;
  const take: Parameters<typeof createServer>[1] = async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    received.push({ headers: request.headers, body, notice: JSON.parse(body) });
    response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" }).end("much obliged");
  };
  const server =
    certificate === undefined
      ? createServer(take)
      : createTlsServer({ key: certificate.keyPem, cert: certificate.chainPem }, take);
  const answer = (next: number) => {
    status = next;
  };
  return { ...(await listening(server, port)), received, answer };
}

export type ReceivedMail = { readonly secure: boolean; readonly to: readonly string[]; readonly raw: string };
export type MailReceiver = AsyncDisposable & { readonly port: number; readonly received: readonly ReceivedMail[] };

/** A real SMTP server; without a certificate it has no STARTTLS. `refuses` is a recipient that it does not know. */
export async function openMailReceiver(certificate?: Svid, refuses?: string): Promise<MailReceiver> {
  const received: ReceivedMail[] = [];
  const tls = certificate && { key: certificate.keyPem, cert: certificate.chainPem };
  const server = new SMTPServer({
    ...(tls ?? { hideSTARTTLS: true }),
    authOptional: true,
    onRcptTo: ({ address }, _, callback) => callback(address === refuses ? new Error("no such mailbox") : null),
    onData: (stream, { secure, envelope }, callback) => {
      let raw = "";
      stream.on("data", (chunk) => {
        raw += String(chunk);
      });
      stream.on("end", () => {
        received.push({ secure, to: envelope.rcptTo.map(({ address }) => address), raw });
        callback();
      });
    },
  });
  server.on("error", () => undefined);
  const socket = server.listen(0, "127.0.0.1");
  await once(socket, "listening");
  const close = () => new Promise<void>((closed) => server.close(closed));
  return { port: portOf(socket), received, [Symbol.asyncDispose]: close };
}

async function listening(server: ReturnType<typeof createServer>, port: number) {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((closed) => server.close(() => closed()));
  };
  return { port: portOf(server), [Symbol.asyncDispose]: close };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
