import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { names, openNameServer, outsideAddress } from "@vivified/cli";
import { SMTPServer } from "smtp-server";
import type { EffectLog } from "./effect-log.ts";

export type OutsideSinks = AsyncDisposable & {
  readonly dnsServer: string;
  readonly httpPort: number;
  readonly mailPort: number;
};

/** What the platform's plugins reach outside: an HTTP service, a mail server and the names of both. */
export async function openOutsideSinks(effects: EffectLog): Promise<OutsideSinks> {
  await using stack = new AsyncDisposableStack();
  const zone = { [names.mail]: outsideAddress, [names.preferences]: outsideAddress };
  const nameServer = stack.use(await openNameServer(outsideAddress, zone));
  const httpPort = await openHttpSink(effects, stack);
  const mailPort = await openMailSink(effects, stack);
  const kept = stack.move();
  const dnsServer = nameServer.address;
  return { dnsServer, httpPort, mailPort, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The path's last segment is the operation. */
async function openHttpSink(effects: EffectLog, stack: AsyncDisposableStack): Promise<number> {
  const server = createServer(async (request, response) => {
    const op = request.url?.split("/").at(-1) ?? "";
    await effects.note({ sink: "http", op });
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ op }));
  });
  server.listen(0, outsideAddress);
  await once(server, "listening");
  stack.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server.address());
}

/** The subject is the operation. What a mail says is an effect once the server has all of it. */
async function openMailSink(effects: EffectLog, stack: AsyncDisposableStack): Promise<number> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onData: (stream, _session, done) => {
      text(stream)
        .then((mail) => effects.note({ sink: "mail", op: /^Subject: (\S+)/im.exec(mail)?.[1] ?? "" }))
        .then(() => done(), done);
    },
  });
  server.on("error", () => undefined); // a gateway that is killed resets its connections
  const listening = server.listen(0, outsideAddress);
  await once(listening, "listening");
  stack.defer(() => new Promise((resolve) => server.close(() => resolve())));
  return portOf(listening.address());
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the sink has no port");
  return address.port;
}
