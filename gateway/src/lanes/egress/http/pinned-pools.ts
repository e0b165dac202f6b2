import { isIP } from "node:net";
import { buildConnector, Pool } from "undici";
import { nameDestination } from "../../../pep/describe-question.ts";

/** One upstream of one plugin: the judged address, and the host that TLS must prove and `Host` names. */
export type Upstream = {
  readonly plugin: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly address: string;
};

export type PinnedPoolsOptions = {
  /** Trusted roots for upstreams, PEM; absent: those that Node ships. */
  readonly upstreamCa?: string[];
  readonly connectTimeoutMs?: number;
  /** Pools kept at most; the one used longest ago is closed first. */
  readonly maxPools?: number;
};

/**
 * Connections to outside services, each dialed to an address that was judged and to nothing else: no name is resolved
 * here. Nothing is shared between plugins, so that a desynchronised connection of one cannot answer another.
 */
export class PinnedPools implements AsyncDisposable {
  readonly #options: PinnedPoolsOptions;
  readonly #pools = new Map<string, Pool>();
  #closed = false;

  constructor(options: PinnedPoolsOptions = {}) {
    this.#options = options;
  }

  /** @throws Error once they are closed: nothing leaves behind a stop */
  pool(upstream: Upstream): Pool {
    if (this.#closed) throw new Error("the pools are closed");
    const { plugin, scheme, host, port, address } = upstream;
    const key = [plugin, scheme, host, port, address].join(" ");
    const pool = this.#pools.get(key) ?? this.#open(upstream);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#closeOldest();
    return pool;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #open(upstream: Upstream): Pool {
    return new Pool(nameDestination(upstream), {
      connect: pinnedConnector(upstream, this.#options),
      connections: 32,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      clientTtl: 60_000,
      allowH2: false,
      maxHeaderSize: 32 * 1024,
    });
  }

  #closeOldest(): void {
    const [oldest] = this.#pools;
    if (oldest === undefined || this.#pools.size <= (this.#options.maxPools ?? 512)) return;
    this.#pools.delete(oldest[0]);
    void oldest[1].close();
  }
}

/** Dials the address; the name is only what the certificate must be for. */
function pinnedConnector(upstream: Upstream, options: PinnedPoolsOptions): buildConnector.connector {
  const { scheme, host, port, address } = upstream;
  const connect = buildConnector({
    allowH2: false,
    maxCachedSessions: 0,
    timeout: options.connectTimeoutMs ?? 5_000,
    ...(options.upstreamCa === undefined ? {} : { ca: options.upstreamCa }),
  });
  const proven = scheme === "https" && isIP(host) === 0 ? { servername: host } : {};
  const dialed = { protocol: `${scheme}:`, hostname: address, host: address, port: String(port), ...proven };
  return (_asked, callback) => connect(dialed, callback);
}
