import DNS from "dns2";

/** Host names and the IPv4 address each has. */
export type Zone = { readonly [name: string]: string };

export type NameServer = AsyncDisposable & {
  /** `ip:port`, for the gateway's resolvers. */
  readonly address: string;
  /** Every name that was asked for, in order: a name that policy refused must not be among them. */
  readonly asked: readonly string[];
};

/** A small real DNS server that knows one zone and answers NXDOMAIN to everything else. */
export async function openNameServer(host: string, zone: Zone): Promise<NameServer> {
  const asked: string[] = [];
  const server = DNS.createServer({
    udp: true,
    tcp: true,
    handle: (request, send) => send(answer(request, zone, asked)),
  });
  const { udp } = await server.listen({ udp: { port: 0, address: host } });
  return {
    address: `${host}:${udp?.port}`,
    asked,
    [Symbol.asyncDispose]: async () => void (await server.close()),
  };
}

function answer(request: DNS.Packet, zone: Zone, asked: string[]): DNS.Packet {
  const response = DNS.Packet.createResponseFromRequest(request);
  const [question] = request.questions;
  const name = question?.name.toLowerCase() ?? "";
  asked.push(name);
  const address = zone[name];
  if (address === undefined) response.header.rcode = DNS.Packet.RCODE.NXDOMAIN;
  else if (question?.type === DNS.Packet.TYPE.A) response.answers.push(record(name, address));
  return response;
}

function record(name: string, address: string): DNS.Packet.Resource {
  return { name, type: DNS.Packet.TYPE.A, class: DNS.Packet.CLASS.IN, ttl: 1, address } as DNS.Packet.Resource;
}
