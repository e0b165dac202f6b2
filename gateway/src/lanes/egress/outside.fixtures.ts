import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import DNS from "dns2";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type Tls = { readonly key: string; readonly cert: string };

/** What a name leads to. A function is asked anew for every question, so that answers can change. */
export type Zone = { readonly [name: string]: readonly string[] | (() => readonly string[]) };

/** A real DNS server for one zone; NXDOMAIN for everything else. */
export async function openNameServer(zone: Zone, stack: AsyncDisposableStack) {
  const asked: string[] = [];
  const server = DNS.createServer({ udp: true, handle: (request, send) => send(answer(request, zone, asked)) });
  const { udp } = await server.listen({ udp: { port: 0, address: "127.0.0.1" } });
  stack.defer(() => server.close());
  return { address: `127.0.0.1:${udp?.port}`, asked };
}

function answer(request: DNS.Packet, zone: Zone, asked: string[]): DNS.Packet {
  const response = DNS.Packet.createResponseFromRequest(request);
  const [question] = request.questions;
  const name = question?.name.toLowerCase() ?? "";
  const known = zone[name];
  if (question?.type === DNS.Packet.TYPE.A) asked.push(name);
  if (known === undefined) response.header.rcode = DNS.Packet.RCODE.NXDOMAIN;
  const addresses = question?.type === DNS.Packet.TYPE.A || typeof known !== "function" ? lookUp(known) : [];
  for (const address of addresses) {
    const type = address.includes(":") ? DNS.Packet.TYPE.AAAA : DNS.Packet.TYPE.A;
    const record = { name, type, class: DNS.Packet.CLASS.IN, ttl: 0, address } as DNS.Packet.Resource;
    if (type === question?.type) response.answers.push(record);
  }
  return response;
}

function lookUp(known: Zone[string] | undefined): readonly string[] {
  return typeof known === "function" ? known() : (known ?? []);
}

/** A real HTTP(S) server somewhere on the loopback network; it counts its connections. */
export async function openService(
  listener: RequestListener,
  options: { readonly host?: string; readonly port?: number; readonly tls?: Tls },
  stack: AsyncDisposableStack,
) {
  const server = options.tls === undefined ? createServer(listener) : createHttps(options.tls, listener);
  const seen = { connections: 0 };
  server.on("connection", () => {
    seen.connections += 1;
  });
  server.listen(options.port ?? 0, options.host ?? "127.0.0.2");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

export type Caught = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly secure: boolean;
};

/** A real SMTP server that keeps what it is given. */
export async function openMailServer(options: SMTPServerOptions, stack: AsyncDisposableStack) {
  const caught: Caught[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    ...options,
    onData: (stream, { envelope, secure }, done) => {
      text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        caught.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw, secure });
        done();
      }, done);
    },
  });
  const listening = server.listen(0, "127.0.0.2");
  await once(listening, "listening");
  server.on("error", () => undefined);
  stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (listening.address() as AddressInfo).port, caught };
}
