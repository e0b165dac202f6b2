import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Life, Supervised } from "../process/supervised.ts";
import { untilListening } from "../process/until-listening.ts";
import { type NatsConfig, natsConfigText } from "./nats-config.ts";

export type NatsOptions = Life & {
  readonly binary: string;
  readonly config: NatsConfig;
  /** Where the configuration is written (0600: it holds passwords). */
  readonly configFile: string;
  readonly logFile: string;
};

/** Starts nats-server on loopback. */
export async function startNats({ binary, config, configFile, logFile, ...life }: NatsOptions): Promise<Supervised> {
  await mkdir(config.storeDirectory, { recursive: true, mode: 0o700 });
  await writeFile(configFile, natsConfigText(config), { mode: 0o600 });
  const command = { name: "nats", file: binary, args: ["-c", configFile], env: {}, logFile, cwd: dirname(configFile) };
  return Supervised.start({ ...life, command, ready: () => untilListening(config.port) });
}
