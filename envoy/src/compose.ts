import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseNetworkAddress, pluginSpiffeId } from "@vivified/contracts";
import { createLogger, type Logger, openSvidSource, replaceFile, type Svid, type SvidSource } from "@vivified/runtime";
import { envoyCommand } from "./agent/envoy-command.ts";
import { EnvoyProcess } from "./agent/envoy-process.ts";
import { writeSdsFiles } from "./agent/sds-files.ts";
import { bootstrap } from "./bootstrap/bootstrap.ts";
import type { NodeSettings } from "./bootstrap/node-settings.ts";
import type { AgentConfig } from "./config.ts";

/** Gets the node its identity and starts its Envoy with it; the plugin can use its lanes once `untilServing` resolves. */
export async function compose(config: AgentConfig, stack: AsyncDisposableStack): Promise<EnvoyProcess> {
  const logger = createLogger({ process: "agent", level: config.logLevel }).child({ plugin: config.pluginId });
  const directory = resolve(config.stateDir);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const svid = stack.use(await openIdentity(config, logger));
  await writeSdsFiles(directory, svid.current());
  stack.defer(svid.onRenewed((renewed) => void handOver(renewed, directory, logger)));
  await replaceFile(join(directory, "bootstrap.json"), JSON.stringify(bootstrap(nodeSettings(config))));
  const command = envoyCommand(resolve(config.envoy), config.logLevel);
  return stack.use(new EnvoyProcess({ command, directory, logger }));
}

function openIdentity(config: AgentConfig, logger: Logger): Promise<SvidSource> {
  const { trustDomain, pluginId, stateDir, controlPlaneUrl, joinTokenFile } = config;
  return openSvidSource({
    spiffeId: pluginSpiffeId(trustDomain, pluginId),
    trustDomain,
    directory: join(stateDir, "svid"),
    controlPlaneUrl,
    joinTokenFile,
    logger,
  });
}

async function handOver(svid: Svid, directory: string, logger: Logger): Promise<void> {
  await writeSdsFiles(directory, svid).catch((error: unknown) => {
    logger.error({ err: error }, "a renewed svid could not be handed to envoy");
  });
}

function nodeSettings(config: AgentConfig): NodeSettings {
  const { pluginId, instance, trustDomain, lanePort, pluginPort, maxRequestsPerSecond, networkNamespace } = config;
  return {
    pluginId,
    instance,
    trustDomain,
    xds: parseNetworkAddress(config.xdsAddress),
    lanePort,
    pluginPort,
    maxRequestsPerSecond,
    mesh: { host: config.meshHost, port: config.meshPort },
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
  };
}
