import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names, outsideAddress, type Platform, type PluginSpec, type ProcessEvent, startPlatform } from "@vivified/cli";
import { type Effect, EffectLog, readEffects } from "./sinks/effect-log.ts";
import { type OutsideSinks, openOutsideSinks } from "./sinks/outside-sinks.ts";

export type CrashPlatform = AsyncDisposable & {
  readonly platform: Platform;
  readonly sinks: OutsideSinks;
  /** Everything that any sink has noted. */
  readonly effects: () => Promise<readonly Effect[]>;
  readonly onEvent: (listen: (event: ProcessEvent) => void) => void;
  /** Lets the platform's files and logs stay, to look into; gives their folder. */
  readonly keep: () => string;
};

export type CrashPlatformOptions = {
  /** Stays, to look into. Default: a folder of its own, which goes. */
  readonly home?: string;
  readonly gateways: number;
};

/** Supervision waits longer and longer for what keeps dying; here everything does. */
const maxRestartMs = 1_000;
/** Short times: outcomes that a living gateway cannot tell in time come after core's word, and many checkpoints are signed. */
const coreSettings = { UNTOLD_AFTER_MS: "5000", AUDIT_LOG_INTERVAL_MS: "2000" };

/**
 * A whole platform on real parts with two plugins, `load` and `witness`, and sinks outside of it. Plugins are plain
 * processes here: what is in question is the record, not the isolation.
 */
export async function openCrashPlatform({ home: kept, gateways }: CrashPlatformOptions): Promise<CrashPlatform> {
  await using stack = new AsyncDisposableStack();
  const home = kept ?? (await mkdtemp(join(tmpdir(), "viv-crash-")));
  await mkdir(home, { recursive: true, mode: 0o700 });
  let goes = kept === undefined;
  stack.defer(async () => {
    if (goes) await rm(home, { recursive: true, force: true });
  });
  const files = { witness: join(home, "witness.effects"), outside: join(home, "outside.effects") };
  const sinks = stack.use(await openOutsideSinks(stack.use(await EffectLog.open(files.outside))));
  const listeners: ((event: ProcessEvent) => void)[] = [];
  const platform = stack.use(
    await startPlatform({
      home,
      gateways,
      maxRestartMs,
      coreSettings,
      isolation: "off",
      insecureEgressGrants: true,
      dnsServers: [sinks.dnsServer],
      onEvent: (event) => {
        for (const listen of listeners) listen(event);
      },
    }),
  );
  for (const spec of [witness(files.witness), load(sinks)]) {
    await platform.addPlugin(spec);
    await platform.approvePlugin(spec);
  }
  const opened = stack.move();
  return {
    platform,
    sinks,
    effects: async () => [...(await readEffects(files.witness)), ...(await readEffects(files.outside))],
    onEvent: (listen) => void listeners.push(listen),
    keep: () => {
      goes = false;
      return home;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function witness(effects_file: string): PluginSpec {
  return {
    id: "witness",
    folder: "../test/crash/plugins/witness",
    config: { effects_file },
    grants: [
      { kind: "subscribe", event_type: "WorkflowFailed" },
      { kind: "subscribe", event_type: "UserCreated" },
    ],
  };
}

function load({ httpPort, mailPort }: OutsideSinks): PluginSpec {
  const outside = { kind: "egress" as const, insecure_address_ranges: [`${outsideAddress}/32`] };
  return {
    id: "load",
    folder: "../test/crash/plugins/load",
    config: {},
    grants: [
      { kind: "rpc", target: "witness", operation: "take" },
      { kind: "publish", event_type: "WorkflowFailed" },
      {
        ...outside,
        host: names.preferences,
        schemes: ["http"],
        ports: [httpPort],
        methods: ["POST"],
        path_prefix: "/v1/",
      },
      {
        ...outside,
        host: names.mail,
        schemes: ["smtp"],
        ports: [mailPort],
        methods: ["SEND"],
        insecure_plaintext_smtp: true,
      },
    ],
  };
}
