import { buildPolicies } from "@vivified/pdp";
import { AdminApi } from "./admin-api.ts";
import { allOrFirstFailure } from "./all-or-first-failure.ts";
import { openAuthority, type PlatformRoot } from "./authority.ts";
import { inCheckout } from "./checkout.ts";
import type { Foundation } from "./foundation.ts";
import { openGround } from "./ground.ts";
import { openInstaller, startDatabase, startNatsOf } from "./infrastructure.ts";
import { settingsOf, startOurs } from "./our-processes.ts";
import { firstAdmin, type Platform, type PlatformOptions, trustDomain } from "./platform.ts";
import { PluginFleet } from "./plugins/plugin-fleet.ts";

/**
 * Starts a platform on real parts: PostgreSQL, NATS, control plane, gateway and core, each in its own process with its
 * own credentials. Everything it keeps lies in one home; everything it starts ends with it, even when it is killed.
 *
 * @throws HomeInUseError when another platform runs in this home; Error with the end of a log when a part does not start
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  await using stack = new AsyncDisposableStack();
  const ground = await openGround(options, stack);
  const { home, foundation } = ground;
  options.onProgress?.("compiling policies, starting PostgreSQL and NATS, making the platform's root");
  const [database, nats, root] = await allOrFirstFailure([
    startDatabase(ground, stack),
    startNatsOf(ground, stack),
    openAuthority(home, trustDomain),
    buildPolicies({ opa: ground.tools.opa, source: inCheckout("policies"), output: home.at("policies") }),
  ] as const);
  const installer = await openInstaller(foundation, stack);
  options.onProgress?.("starting control plane, core and gateway");
  const settings = settingsOf(ground, database.url);
  const ours = await startOurs(ground, { settings, installer, root, stack });
  const api = stack.use(await openApi(foundation, root));
  const fleet = stack.use(
    new PluginFleet({ ...ground, settings, api, allPorts: foundation.allPorts, envoy: ground.tools.envoy }, installer),
  );
  const kept = stack.move();
  return {
    home,
    trustDomain,
    isolation: ground.isolation,
    apiUrl: `https://localhost:${foundation.ports.corePublic}`,
    caFile: root.bundleFile,
    admin: { username: firstAdmin, passwordFile: foundation.firstAdmin.file },
    api,
    processes: { ...ours, nats, ...(database.server && { postgres: database.server }) },
    get plugins() {
      return fleet.plugins;
    },
    addPlugin: (spec) => fleet.add(spec),
    approvePlugin: (spec) => fleet.approve(spec),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function openApi(foundation: Foundation, root: PlatformRoot): Promise<AdminApi> {
  const { text } = foundation.firstAdmin;
  return AdminApi.open({
    username: firstAdmin,
    password: text,
    port: foundation.ports.corePublic,
    caFile: root.bundleFile,
  });
}
