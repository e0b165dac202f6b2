import { createClient } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import { openCallTokens, type Parties } from "./call-token.ts";
import { handleEventsOnce } from "./handled-events.ts";
import { createLog } from "./log.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { manifestFaults } from "./manifest-faults.ts";
import { type MembershipDeps, openMembership } from "./membership.ts";
import { createMetrics } from "./metrics.ts";
import type { PluginContext, PluginDefinition } from "./plugin-definition.ts";
import { openPluginServer } from "./plugin-server.ts";
import { StartError } from "./start-error.ts";

/** Where a plugin runs. */
export type PluginEnvironment = {
  /** The plugin's own Envoy. */
  readonly laneUrl: string;
  /** Where to listen on 127.0.0.1; 0 chooses. */
  readonly port: number;
  readonly settings: JsonObject;
  readonly trustDomain: string;
  readonly writeLog: (line: string) => void;
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly membership?: Pick<MembershipDeps, "heartbeatMs" | "retryMs">;
};

export type RunningPlugin<Config> = AsyncDisposable & {
  readonly port: number;
  readonly context: PluginContext<Config>;
};

const defaultMaxBodyBytes = 1024 * 1024;

/**
 * Starts a plugin: checks manifest and settings, initializes, listens, and registers in the background. Disposing it
 * finishes what is being handled, then closes everything.
 *
 * @throws StartError when manifest, handlers or settings do not fit, and whatever `initialize` throws
 */
export async function startPlugin<C>(
  definition: PluginDefinition<C>,
  environment: PluginEnvironment,
): Promise<RunningPlugin<C>> {
  const manifest = checkedManifest(definition);
  const config = definition.config(environment.settings);
  await using stack = new AsyncDisposableStack();
  const client = stack.use(createClient({ laneUrl: environment.laneUrl, pluginId: manifest.id }));
  const log = createLog(manifest.id, environment.writeLog);
  const context = { client, config, log, metrics: createMetrics() };
  await definition.initialize?.(context);
  stack.defer(async () => definition.shutdown?.(context));
  const port = await listenAndJoin(stack, { definition, environment, manifest, context });
  log.info("listening", { port });
  const running = stack.move();
  return { port, context, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function checkedManifest<C>({ manifest: document, operations, events = {} }: PluginDefinition<C>): Manifest {
  const manifest = readManifest(document);
  const faults = manifestFaults(manifest, { operations: Object.keys(operations), events: Object.keys(events) });
  if (faults.length > 0) throw new StartError(faults);
  return manifest;
}

type Starting<C> = {
  readonly definition: PluginDefinition<C>;
  readonly environment: PluginEnvironment;
  readonly manifest: Manifest;
  readonly context: PluginContext<C>;
};

async function listenAndJoin<C>(stack: AsyncDisposableStack, starting: Starting<C>): Promise<number> {
  const { definition, environment, manifest, context } = starting;
  const startedAtMs = Date.now();
  const { document } = manifest;
  const tokens = stack.use(openCallTokens(environment.laneUrl, partiesOf(environment, manifest)));
  const membership = openMembership({ ...context, document, startedAtMs, ...environment.membership });
  const server = await openPluginServer(environment.port, {
    manifest,
    context,
    metrics: context.metrics,
    operations: new Map(Object.entries(definition.operations)),
    events: new Map(Object.entries(definition.events ?? {})),
    verify: tokens.verify,
    handleOnce: handleEventsOnce(),
    maxBodyBytes: environment.maxBodyBytes ?? defaultMaxBodyBytes,
    membership: membership.current,
    startedAtMs,
  });
  stack.use(server);
  stack.use(membership).start();
  return server.port;
}

function partiesOf({ trustDomain }: PluginEnvironment, { id }: Manifest): Parties {
  return { issuer: `spiffe://${trustDomain}/gateway`, audience: `spiffe://${trustDomain}/plugin/${id}` };
}
