import { readSettings } from "./settings.ts";
import { StartError } from "./start-error.ts";
import type { PluginEnvironment } from "./start-plugin.ts";

/**
 * Reads where the plugin runs:
 * `VIVIFIED_LANE_URL` (required), `VIVIFIED_PLUGIN_PORT` (required), `VIVIFIED_PLUGIN_CONFIG` (a JSON file with the
 * plugin's own settings; none without it), `VIVIFIED_TRUST_DOMAIN` (default `vivified.local`).
 *
 * @throws StartError naming every fault at once
 */
export async function readEnvironment(env: NodeJS.ProcessEnv): Promise<PluginEnvironment> {
  const laneUrl = env.VIVIFIED_LANE_URL ?? "";
  const port = Number(env.VIVIFIED_PLUGIN_PORT ?? Number.NaN);
  const faults = [...laneUrlFaults(laneUrl), ...portFaults(port)];
  if (faults.length > 0) throw new StartError(faults);
  const settings = env.VIVIFIED_PLUGIN_CONFIG ? await readSettings(env.VIVIFIED_PLUGIN_CONFIG) : {};
  const trustDomain = env.VIVIFIED_TRUST_DOMAIN || "vivified.local";
  return { laneUrl, port, settings, trustDomain, writeLog: (line) => process.stderr.write(line) };
}

function laneUrlFaults(laneUrl: string): readonly string[] {
  return URL.parse(laneUrl)?.protocol === "http:"
    ? []
    : ["VIVIFIED_LANE_URL: must be the http URL of the plugin's Envoy"];
}

function portFaults(port: number): readonly string[] {
  const isPort = Number.isInteger(port) && port >= 0 && port <= 65_535;
  return isPort ? [] : ["VIVIFIED_PLUGIN_PORT: must be a port number"];
}
