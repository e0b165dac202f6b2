import { Resolver } from "node:dns/promises";

/** All addresses of a name, in the order of preference; none when it has none. Rejects when nobody could be asked. */
export type AddressResolver = (host: string) => Promise<readonly string[]>;

/**
 * Asks these name servers (`ip:port`), IPv4 and IPv6 at once; without any, the machine's (`resolv.conf`). Never
 * `getaddrinfo`: it has no time limit of ours, holds a thread that signing needs too, and believes the hosts file.
 */
export function createAddressResolver(dnsServers: readonly string[], timeoutMs = 2_000): AddressResolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (dnsServers.length > 0) resolver.setServers(dnsServers);
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failure = answers.find((answer) => answer.status === "rejected" && !saysNone(answer.reason));
    if (addresses.length === 0 && failure?.status === "rejected") throw failure.reason;
    return addresses;
  };
}

function saysNone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENODATA" || error.code === "ENOTFOUND");
}
