import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@vivified/runtime";
import { request } from "undici";
import { outsideTools } from "../../platform/outside-tools.ts";
import { untilListening } from "../../platform/process/until-listening.ts";

export type KnockOptions = {
  /** Whose certificate it shows: `key.pem`, `chain.pem`, `bundle.pem`. */
  readonly svidDirectory: string;
  /** Where the other plugin's Envoy listens for the gateway. */
  readonly meshPort: number;
  /** The SPIFFE ID that the other one shows. */
  readonly expect: string;
  readonly folder: string;
};

/** `admitted`: what answered is the plugin itself, not its Envoy or ours. */
export type Knock = { readonly admitted: boolean; readonly answer: string };

/** Starts an Envoy of its own with a route to another plugin's, sends one request through it, and stops it. */
export async function knockOn(options: KnockOptions): Promise<Knock> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const config = join(options.folder, "envoy.json");
  await writeFile(config, JSON.stringify(bootstrap(port, options)), { mode: 0o600 });
  const args = ["-c", config, "--disable-hot-restart", "--concurrency", "1", "--log-level", "off"];
  const envoy = spawn(outsideTools().envoy, args, { stdio: "ignore", env: {} });
  try {
    await untilListening(port);
    return await knock(port);
  } finally {
    const ended = once(envoy, "exit");
    envoy.kill("SIGKILL");
    await ended;
  }
}

/** The plugin itself asks for the gateway's call token, which nobody here has: its 401 says that it was reached. */
async function knock(port: number): Promise<Knock> {
  const url = `http://127.0.0.1:${port}/operations/get_user`;
  const headers = { "content-type": "application/json" };
  const { statusCode, body } = await request(url, { method: "POST", headers, body: "{}" });
  const text = (await body.text()).trim();
  return { admitted: statusCode === 401, answer: `${statusCode} ${text.slice(0, 160)}` };
}

function bootstrap(port: number, options: KnockOptions): object {
  const route = { match: { prefix: "/" }, route: { cluster: "other" } };
  const manager = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "rogue",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }] },
    http_filters: [
      {
        name: "router",
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
      },
    ],
  };
  const filters = [{ name: "http", typed_config: manager }];
  return {
    static_resources: {
      listeners: [{ name: "in", address: address(port), filter_chains: [{ filters }] }],
      clusters: [cluster(options)],
    },
  };
}

function cluster({ svidDirectory, meshPort, expect }: KnockOptions): object {
  const file = (name: string) => ({ filename: join(svidDirectory, name) });
  const matcher = { san_type: "URI", matcher: { exact: expect } };
  const tls = {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" },
      tls_certificates: [{ certificate_chain: file("chain.pem"), private_key: file("key.pem") }],
      validation_context: { trusted_ca: file("bundle.pem"), match_typed_subject_alt_names: [matcher] },
    },
  };
  const endpoint = { endpoint: { address: address(meshPort) } };
  return {
    name: "other",
    connect_timeout: "2s",
    type: "STATIC",
    load_assignment: { cluster_name: "other", endpoints: [{ lb_endpoints: [endpoint] }] },
    transport_socket: { name: "tls", typed_config: tls },
  };
}

function address(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
