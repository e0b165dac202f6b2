import { type Foundation, openFoundation } from "./foundation.ts";
import { Guard } from "./guard/guard.ts";
import { type Home, homePath, openHome } from "./home.ts";
import { type Isolation, probeIsolation } from "./isolation/probe-isolation.ts";
import { openUsers, type Users } from "./isolation/users.ts";
import { lockHome } from "./lock.ts";
import { type OutsideTools, outsideTools } from "./outside-tools.ts";
import { type PlatformOptions, trustDomain } from "./platform.ts";
import type { Life, ProcessEvent } from "./process/supervised.ts";

/** What everything that is started shares. */
export type Ground = {
  readonly home: Home;
  readonly tools: OutsideTools;
  readonly guard: Guard;
  readonly isolation: Isolation;
  readonly users: Users;
  readonly foundation: Foundation;
  readonly options: PlatformOptions;
  readonly onEvent: (event: ProcessEvent) => void;
  readonly life: Life;
};

/** Takes the home for this process and finds out what is there to build on. @throws HomeInUseError */
export async function openGround(options: PlatformOptions, stack: AsyncDisposableStack): Promise<Ground> {
  const tools = outsideTools();
  const home = await openHome(homePath(options.home));
  stack.use(await lockHome(home.at("platform.lock")));
  const guard = stack.use(await Guard.open(home.at("guard.json")));
  const isolation = await isolationFor(options, home, guard);
  const users = await openUsers(home.at("users.json"));
  const foundation = await openFoundation(home, { trustDomain, gateways: options.gateways ?? 1 });
  const onEvent = (event: ProcessEvent) => options.onEvent?.(event);
  const { maxRestartMs } = options;
  const life = { guard, onEvent, ...(maxRestartMs === undefined ? {} : { maxRestartMs }) };
  return { home, tools, guard, isolation, users, foundation, options, onEvent, life };
}

async function isolationFor({ isolation }: PlatformOptions, home: Home, guard: Guard): Promise<Isolation> {
  if (isolation === "off") return { mode: "off", missing: ["it was switched off"] };
  const found = await probeIsolation(home.path, guard);
  if (isolation === "required" && found.mode === "off") {
    throw new Error(`namespace isolation was required and is not available: ${found.missing.join(", ")}`);
  }
  return found;
}
