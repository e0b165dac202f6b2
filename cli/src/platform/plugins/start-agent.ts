import { mkdir } from "node:fs/promises";
import { fromSource } from "../our-process.ts";
import { readyByMessage, Supervised, type SupervisedOptions } from "../process/supervised.ts";
import type { ProcessSettings } from "../process-environments.ts";
import type { PluginPlace } from "./plugin-place.ts";

/** One instance of each plugin runs here. */
export const instance = "1";

export type PluginPorts = { readonly lane: number; readonly plugin: number; readonly mesh: number };

export type AgentOptions = Pick<SupervisedOptions, "guard" | "onEvent"> & {
  readonly id: string;
  readonly place: PluginPlace;
  readonly ports: PluginPorts;
  readonly settings: ProcessSettings;
  readonly envoy: string;
  readonly joinTokenFile: string;
  readonly prepare: () => Promise<void>;
};

/** Starts the node agent of a plugin, which gets the SVID and runs the plugin's Envoy. */
export async function startAgent(options: AgentOptions): Promise<Supervised> {
  const { id, settings, guard, onEvent, prepare } = options;
  const name = `${id}.envoy`;
  const command = {
    name,
    ...fromSource("envoy/src/main.ts"),
    env: environment(options),
    logFile: settings.home.at("logs", `${name}.log`),
    channel: "ipc",
  } as const;
  await mkdir(stateDirectory(options), { recursive: true, mode: 0o700 });
  return Supervised.start({ guard, command, prepare, ready: readyByMessage, ...(onEvent && { onEvent }) });
}

export function stateDirectory({ settings, id }: Pick<AgentOptions, "settings" | "id">): string {
  return settings.home.at("plugins", id, "agent");
}

function environment(options: AgentOptions): Record<string, string> {
  const { id, place, ports, settings, envoy, joinTokenFile } = options;
  const platform = settings.foundation.ports;
  const values = {
    PLUGIN_ID: id,
    INSTANCE: instance,
    TRUST_DOMAIN: settings.trustDomain,
    STATE_DIR: stateDirectory(options),
    CONTROL_PLANE_URL: `https://127.0.0.1:${platform.controlPlaneCsr}`,
    XDS_ADDRESS: `127.0.0.1:${platform.controlPlaneXds}`,
    JOIN_TOKEN_FILE: joinTokenFile,
    LANE_PORT: String(ports.lane),
    PLUGIN_PORT: String(ports.plugin),
    MESH_HOST: "127.0.0.1",
    MESH_PORT: String(ports.mesh),
    ENVOY: envoy,
    LOG_LEVEL: settings.logLevel,
    ...(place.networkNamespace && { NETWORK_NAMESPACE: place.networkNamespace }),
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`VIVIFIED_AGENT_${key}`, value]));
}
