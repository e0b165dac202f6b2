import type { ProcessName } from "@vivified/contracts";
import type { AdminApi } from "./admin-api.ts";
import type { Home } from "./home.ts";
import type { Isolation } from "./isolation/probe-isolation.ts";
import type { PluginSpec } from "./plugins/plugin-spec.ts";
import type { RunningPlugin } from "./plugins/start-plugin.ts";
import type { ProcessEvent, Supervised } from "./process/supervised.ts";

export type PlatformOptions = {
  /** The state directory. Default: `VIVIFIED_HOME`, else `.vivified` of the working directory. */
  readonly home?: string;
  /** A PostgreSQL of somebody else's. Default: our own, inside the home. */
  readonly databaseUrl?: string;
  /** `required` refuses to start without namespaces, `off` does not try. */
  readonly isolation?: "auto" | "required" | "off";
  /** Let grants open private addresses and plain mail. For a demo's outside world; never for anything else. */
  readonly insecureEgressGrants?: boolean;
  /** Resolvers of the egress lane, `ip:port`. Default: the machine's. */
  readonly dnsServers?: readonly string[];
  readonly svidTtlSeconds?: number;
  /** How many gateways run, each with a share of every lane. Default 1. */
  readonly gateways?: number;
  /** The longest pause before a process of the platform that ended is started again. Default ten seconds. */
  readonly maxRestartMs?: number;
  /** Settings of core's that a drill needs otherwise, by name: `{ MAX_STALENESS_MS: "60000" }`. */
  readonly coreSettings?: Readonly<Record<string, string>>;
  /** Another program in the gateway's place, by its path in the checkout. Benchmarks measure the lanes' floor with it. */
  readonly gatewayScript?: string;
  readonly logLevel?: string;
  readonly onEvent?: (event: ProcessEvent) => void;
  /** Told what is about to happen, for people who wait. */
  readonly onProgress?: (what: string) => void;
};

/** A running platform. Disposing it stops everything and leaves the home for the next start. */
export type Platform = AsyncDisposable & {
  readonly home: Home;
  readonly trustDomain: string;
  readonly isolation: Isolation;
  readonly apiUrl: string;
  /** The platform's root certificate (PEM), for whoever calls the API. */
  readonly caFile: string;
  readonly admin: { readonly username: string; readonly passwordFile: string };
  readonly api: AdminApi;
  readonly processes: Readonly<Record<ProcessName | "nats", Supervised>> & { readonly postgres?: Supervised };
  /** Those beside the first. */
  readonly moreGateways: readonly Supervised[];
  readonly plugins: ReadonlyMap<string, RunningPlugin>;
  /** Starts a plugin; it joins and registers, and can do nothing else before it is approved. */
  readonly addPlugin: (spec: PluginSpec) => Promise<RunningPlugin>;
  /** Grants what the spec says and waits until the plugin works. @throws Error when it does not within 30 s */
  readonly approvePlugin: (spec: PluginSpec) => Promise<void>;
};

export const trustDomain = "vivified.local";
export const firstAdmin = "admin";
