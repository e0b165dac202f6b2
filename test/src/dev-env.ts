import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  demoPlugins,
  type OutsideWorld,
  openOutsideWorld,
  type Platform,
  type PlatformOptions,
  type ProcessEvent,
  Puppet,
  startPlatform,
} from "@vivified/cli";
import { holdDecisions } from "./hold-decisions.ts";

/** A platform on real parts with the demo's plugins approved, and the outside world that they call. */
export type DevEnv = AsyncDisposable & {
  readonly platform: Platform;
  readonly world: OutsideWorld;
  readonly newsletter: Puppet;
  /** What happened to processes, in order. */
  readonly events: readonly ProcessEvent[];
};

/** Opens a development environment in a home of its own, which goes with it. One for a whole suite. */
export async function openDevEnv(options: PlatformOptions = {}): Promise<DevEnv> {
  await using stack = new AsyncDisposableStack();
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "viv-system-")));
  if (options.home === undefined) stack.defer(() => rm(home, { recursive: true, force: true }));
  const events: ProcessEvent[] = [];
  const world = stack.use(await openOutsideWorld());
  const outside = { insecureEgressGrants: true, dnsServers: [world.names.address] };
  const onEvent = (event: ProcessEvent) => void events.push(event);
  const platform = stack.use(await startPlatform({ ...outside, ...options, home, onEvent }));
  await Promise.all(
    demoPlugins(world).map(async (spec) => {
      await platform.addPlugin(spec);
      await platform.approvePlugin(spec);
    }),
  );
  const kept = stack.move();
  return {
    platform,
    world,
    newsletter: puppetOf(platform),
    events,
    [Symbol.asyncDispose]: async () => {
      await using _ = kept;
      await holdAll(platform);
    },
  };
}

/** Whatever a suite did, its log can be judged again. */
async function holdAll({ api }: Platform): Promise<void> {
  const { judged, different } = await holdDecisions(api);
  if (judged === 0) throw new Error("no decision of this suite could be judged again");
  if (different.length > 0) throw new Error(`decisions that come out otherwise:\n${different.join("\n")}`);
  process.stdout.write(`  ${judged} decisions judged again on both engines, none differs\n`);
}

function puppetOf(platform: Platform): Puppet {
  const plugin = platform.plugins.get("newsletter");
  if (plugin === undefined) throw new Error("newsletter does not run");
  return new Puppet(plugin.process);
}
