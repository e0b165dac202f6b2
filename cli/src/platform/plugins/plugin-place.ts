import { join } from "node:path";
import { inCheckout } from "../checkout.ts";
import type { Guard } from "../guard/guard.ts";
import { type Mount, Sandbox } from "../isolation/sandbox.ts";
import { untilConfined } from "../isolation/verify-isolation.ts";
import type { PluginSpec } from "./plugin-spec.ts";

export type PluginCommand = { readonly file: string; readonly args: readonly string[]; readonly forks: boolean };

/** Where a plugin runs. */
export type PluginPlace = AsyncDisposable & {
  /** For its Envoy, which serves into it. Absent: the machine's own network. */
  readonly networkNamespace?: string;
  readonly configFile: string;
  readonly command: PluginCommand;
  /** Resolves when the process is confined as it was meant to be. @throws Error when it is not within five seconds */
  readonly untilConfined: (pid: number) => Promise<void>;
};

export type PlaceOptions = { readonly spec: PluginSpec; readonly folder: string; readonly configFile: string };

/** A plain process of our own user, on the machine's own network: no isolation. */
export function openPlace({ spec, configFile }: PlaceOptions): PluginPlace {
  return {
    configFile,
    command: { file: process.execPath, args: [inCheckout("plugins", spec.folder, "src/main.ts")], forks: false },
    untilConfined: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** An empty network, its own uid, no capability, and of all files only what it runs. */
export async function confinedPlace(options: PlaceOptions & { user: number; guard: Guard }): Promise<PluginPlace> {
  const { spec, folder, configFile, user, guard } = options;
  const sandbox = await Sandbox.open({
    name: spec.id,
    directory: join(folder, "root"),
    network: "empty",
    guard,
    mounts: [...code(spec), { kind: "ro", source: configFile, target: "/app/config.json" }],
  });
  const script = `/app/plugins/${spec.folder}/src/main.ts`;
  return {
    networkNamespace: sandbox.networkNamespace,
    configFile: "/app/config.json",
    command: { ...sandbox.enter({ user, file: "/app/bin/node", args: [script] }), forks: true },
    untilConfined: (pid) => untilConfined(pid, user),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** The checkout's shape, as far as a plugin may see it: Node, packages, the SDK with its contracts, and itself. */
function code(spec: PluginSpec): Mount[] {
  const shown = ["package.json", "node_modules", "contracts", "sdk/typescript", `plugins/${spec.folder}`];
  return [
    { kind: "ro", source: process.execPath, target: "/app/bin/node" },
    ...shown.map((path): Mount => ({ kind: "ro", source: inCheckout(path), target: `/app/${path}` })),
    { kind: "tmp", size: "64m", target: "/tmp" },
  ];
}
