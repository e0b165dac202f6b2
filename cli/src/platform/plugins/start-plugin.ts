import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AdminApi } from "../admin-api.ts";
import type { Guard } from "../guard/guard.ts";
import type { Isolation } from "../isolation/probe-isolation.ts";
import type { Users } from "../isolation/users.ts";
import { writeTokenFile } from "../join-tokens.ts";
import { firstStrictly } from "../our-process.ts";
import type { Ports } from "../ports.ts";
import { type ProcessEvent, Supervised } from "../process/supervised.ts";
import { untilListeningIn } from "../process/until-listening-in.ts";
import { joinTokenFile, type ProcessSettings } from "../process-environments.ts";
import { confinedPlace, openPlace, type PluginPlace } from "./plugin-place.ts";
import type { PluginSpec } from "./plugin-spec.ts";
import { type PluginPorts, startAgent, stateDirectory } from "./start-agent.ts";

export type PluginHost = {
  readonly settings: ProcessSettings;
  readonly allPorts: Ports;
  readonly users: Users;
  readonly isolation: Isolation;
  readonly envoy: string;
  readonly guard: Guard;
  readonly api: AdminApi;
  readonly onEvent: (event: ProcessEvent) => void;
};

/** A plugin that runs, with its Envoy. */
export type RunningPlugin = AsyncDisposable & {
  readonly id: string;
  readonly agent: Supervised;
  readonly process: Supervised;
  readonly ports: PluginPorts;
  readonly user?: number;
  readonly networkNamespace?: string;
  /** Where its agent keeps `key.pem`, `chain.pem` and `bundle.pem`. Nothing of it is visible to the plugin. */
  readonly svidDirectory: string;
};

/** Lets a plugin join: a one-time token from core, its Envoy, and the process itself, which then registers by itself. */
export async function startPlugin(spec: PluginSpec, host: PluginHost): Promise<RunningPlugin> {
  await using stack = new AsyncDisposableStack();
  const { settings, guard, onEvent } = host;
  const ports = await portsOf(spec.id, host.allPorts);
  const user = host.isolation.mode === "namespaces" ? await host.users.idOf(spec.id) : undefined;
  const place = stack.use(await openPlaceOf(spec, host, user));
  const tokenFile = joinTokenFile(settings.home, spec.id);
  const prepare = firstStrictly(async () => writeTokenFile(tokenFile, (await host.api.joinToken(spec.id)).join_token));
  const agent = stack.use(
    await startAgent({
      id: spec.id,
      place,
      ports,
      settings,
      envoy: host.envoy,
      joinTokenFile: tokenFile,
      prepare,
      guard,
      onEvent,
    }),
  );
  const process = stack.use(await startProcess(spec, { place, ports, host }));
  const kept = stack.move();
  return {
    id: spec.id,
    agent,
    process,
    ports,
    svidDirectory: join(stateDirectory({ settings, id: spec.id }), "svid"),
    ...(user !== undefined && { user }),
    ...(place.networkNamespace && { networkNamespace: place.networkNamespace }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function portsOf(id: string, ports: Ports): Promise<PluginPorts> {
  const of = (use: string) => ports.of(`${id}.${use}`);
  return { lane: await of("lane"), plugin: await of("plugin"), mesh: await of("mesh") };
}

async function openPlaceOf(spec: PluginSpec, host: PluginHost, user: number | undefined): Promise<PluginPlace> {
  const folder = host.settings.home.at("plugins", spec.id);
  const configFile = join(folder, "config.json");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(configFile, { force: true });
  await writeFile(configFile, JSON.stringify(spec.config), { mode: 0o400 });
  if (user === undefined) return openPlace({ spec, folder, configFile });
  await chown(configFile, user, user);
  return confinedPlace({ spec, folder, configFile, user, guard: host.guard });
}

type StartOptions = { readonly place: PluginPlace; readonly ports: PluginPorts; readonly host: PluginHost };

/** The process is looked at from outside before it counts as started: what is not confined is ended. */
function startProcess(spec: PluginSpec, { place, ports, host }: StartOptions): Promise<Supervised> {
  const command = {
    name: spec.id,
    ...place.command,
    env: {
      VIVIFIED_LANE_URL: `http://127.0.0.1:${ports.lane}`,
      VIVIFIED_PLUGIN_PORT: String(ports.plugin),
      VIVIFIED_PLUGIN_CONFIG: place.configFile,
      VIVIFIED_TRUST_DOMAIN: host.settings.trustDomain,
    },
    logFile: host.settings.home.at("logs", `${spec.id}.log`),
    untrusted: true,
    ...(spec.puppet && { channel: "lines" as const }),
  };
  const ready = async ({ pid }: { readonly pid: number }) => {
    await place.untilConfined(pid);
    await untilListeningIn(pid, ports.plugin);
  };
  return Supervised.start({ guard: host.guard, onEvent: host.onEvent, command, ready });
}
