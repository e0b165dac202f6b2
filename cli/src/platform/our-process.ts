import { mkdir } from "node:fs/promises";
import type { ProcessName } from "@vivified/contracts";
import { inCheckout } from "./checkout.ts";
import { instanceName } from "./instances.ts";
import { type Life, readyByMessage, Supervised } from "./process/supervised.ts";
import { joinTokenFile, type ProcessSettings, processEnvironment } from "./process-environments.ts";

export type OurProcessOptions = Life & {
  readonly settings: ProcessSettings;
  /** Writes a fresh one-time token; the control plane needs none, it signs for itself. */
  readonly writeToken: (name: ProcessName, file: string) => Promise<void>;
  /** Which one of several, counted from 1. */
  readonly instance?: number;
};

/** Starts core, gateway or control plane from source with its own environment, and keeps it running. */
export async function startOurProcess(name: ProcessName, options: OurProcessOptions): Promise<Supervised> {
  const { settings, writeToken, instance = 1, ...life } = options;
  const { home } = settings;
  const own = instanceName(name, instance);
  await mkdir(home.at(own), { recursive: true, mode: 0o700 });
  const command = {
    name: own,
    ...fromSource(name === "gateway" ? settings.gatewayScript : `${name}/src/main.ts`),
    env: processEnvironment(name, settings, instance),
    logFile: home.at("logs", `${own}.log`),
    channel: "ipc",
  } as const;
  const prepare = name === "control-plane" ? undefined : () => writeToken(name, joinTokenFile(home, own));
  return Supervised.start({
    ...life,
    command,
    ready: readyByMessage,
    ...(prepare && { prepare: firstStrictly(prepare) }),
  });
}

export function fromSource(script: string): { file: string; args: string[] } {
  return { file: process.execPath, args: [inCheckout(script)] };
}

/** The first start needs what is prepared; a restart has the SVID of before, and must not wait for NATS or core. */
export function firstStrictly(prepare: () => Promise<void>): () => Promise<void> {
  let first = true;
  return async () => {
    const prepared = prepare();
    await (first ? prepared : prepared.catch(() => undefined));
    first = false;
  };
}
