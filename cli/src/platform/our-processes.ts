import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ProcessName } from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import { allOrFirstFailure } from "./all-or-first-failure.ts";
import type { PlatformRoot } from "./authority.ts";
import type { Ground } from "./ground.ts";
import { instanceName } from "./instances.ts";
import { writeProcessToken } from "./join-tokens.ts";
import { startOurProcess } from "./our-process.ts";
import { trustDomain } from "./platform.ts";
import type { ProcessSettings } from "./process-environments.ts";

export async function settingsOf({ home, foundation, options }: Ground, url: string): Promise<ProcessSettings> {
  const gatewayPorts = [foundation.ports.gateway];
  for (let instance = 2; instance <= (options.gateways ?? 1); instance += 1) {
    gatewayPorts.push(await foundation.allPorts.of(instanceName("gateway", instance)));
  }
  return {
    home,
    foundation,
    trustDomain,
    databaseUrl: url,
    logLevel: options.logLevel ?? "info",
    insecureEgressGrants: options.insecureEgressGrants ?? false,
    dnsServers: options.dnsServers ?? [],
    gatewayPorts,
    coreSettings: options.coreSettings ?? {},
    svidTtlSeconds: options.svidTtlSeconds ?? 3600,
    gatewayScript: options.gatewayScript ?? "gateway/src/main.ts",
  };
}

export type OursOptions = {
  readonly settings: ProcessSettings;
  readonly installer: NatsConnection;
  readonly root: PlatformRoot;
  readonly stack: AsyncDisposableStack;
};

/** The control plane first, because the others get their identity from it. */
export async function startOurs({ life }: Ground, { settings, installer, root, stack }: OursOptions) {
  const signingKey = createPrivateKey(await readFile(settings.foundation.snapshotKey.privateFile));
  const token = { nats: installer, trustDomain, rootHash: root.rootHash, signingKey };
  const options = {
    settings,
    ...life,
    writeToken: (name: ProcessName, file: string) => writeProcessToken(name, file, token),
  };
  const start = async (name: ProcessName, instance = 1) =>
    stack.use(await startOurProcess(name, { ...options, instance }));
  const controlPlane = await start("control-plane");
  const [core, gateway] = await allOrFirstFailure([start("core"), start("gateway")] as const);
  const others = settings.gatewayPorts.slice(1).map((_, at) => start("gateway", at + 2));
  return { processes: { "control-plane": controlPlane, core, gateway }, moreGateways: await Promise.all(others) };
}
