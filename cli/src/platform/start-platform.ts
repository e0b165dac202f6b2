import { buildBundleFile } from "@vivified/pdp";
import { AdminApi } from "./admin-api.ts";
import { allOrFirstFailure } from "./all-or-first-failure.ts";
import { openAuthority, type PlatformRoot } from "./authority.ts";
import { inCheckout } from "./checkout.ts";
import type { Foundation } from "./foundation.ts";
import { type Ground, openGround } from "./ground.ts";
import { openInstaller, startDatabase, startNatsOf } from "./infrastructure.ts";
import { settingsOf, startOurs } from "./our-processes.ts";
import { firstAdmin, type Platform, type PlatformOptions, trustDomain } from "./platform.ts";
import { PluginFleet } from "./plugins/plugin-fleet.ts";
import { policyBundleFile } from "./process-environments.ts";

/**
 * Starts a platform on real parts: PostgreSQL, NATS, control plane, gateway and core, each in its own process with its
 * own credentials. Everything it keeps lies in one home; everything it starts ends with it, even when it is killed.
 *
 * @throws HomeInUseError when another platform runs in this home; Error with the end of a log when a part does not start
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  await using stack = new AsyncDisposableStack();
  const ground = await openGround(options, stack);
  options.onProgress?.("compiling policies, starting PostgreSQL and NATS, making the platform's root");
  const base = await startBase(ground, stack);
  options.onProgress?.("starting control plane, core and gateway");
  const running = await startProcesses(ground, base, stack);
  const kept = stack.move();
  return platformOf(ground, { ...base, ...running }, () => kept.disposeAsync());
}

type Base = Awaited<ReturnType<typeof startBase>>;

async function startBase(ground: Ground, stack: AsyncDisposableStack) {
  const { home, tools, foundation } = ground;
  const [database, nats, root] = await allOrFirstFailure([
    startDatabase(ground, stack),
    startNatsOf(ground, stack),
    openAuthority(home, trustDomain),
    buildBundleFile({
      opa: tools.opa,
      source: { floor: inCheckout("policies") },
      output: policyBundleFile(home),
      signer: foundation.policyKey,
    }),
  ] as const);
  const installer = await openInstaller(foundation, stack);
  return { database, nats, root, installer };
}

type Running = Awaited<ReturnType<typeof startProcesses>>;

async function startProcesses(ground: Ground, base: Base, stack: AsyncDisposableStack) {
  const { foundation, tools } = ground;
  const { installer, root } = base;
  const settings = await settingsOf(ground, base.database.url);
  const ours = await startOurs(ground, { settings, installer, root, stack });
  const api = stack.use(await openApi(foundation, root));
  const host = { ...ground, settings, api, allPorts: foundation.allPorts, envoy: tools.envoy };
  return { ours, api, fleet: stack.use(new PluginFleet(host, installer)) };
}

function openApi({ firstAdmin: { text: password }, ports }: Foundation, root: PlatformRoot): Promise<AdminApi> {
  return AdminApi.open({ username: firstAdmin, password, port: ports.corePublic, caFile: root.bundleFile });
}

function platformOf(ground: Ground, parts: Base & Running, dispose: () => Promise<void>): Platform {
  const { home, foundation, isolation } = ground;
  const { database, nats, root, ours, api, fleet } = parts;
  return {
    home,
    trustDomain,
    isolation,
    apiUrl: `https://localhost:${foundation.ports.corePublic}`,
    caFile: root.bundleFile,
    admin: { username: firstAdmin, passwordFile: foundation.firstAdmin.file },
    api,
    processes: { ...ours.processes, nats, ...(database.server && { postgres: database.server }) },
    moreGateways: ours.moreGateways,
    get plugins() {
      return fleet.plugins;
    },
    addPlugin: (spec) => fleet.add(spec),
    approvePlugin: (spec) => fleet.approve(spec),
    [Symbol.asyncDispose]: dispose,
  };
}
