import { readEnvironment } from "./environment.ts";
import { createLog, errorFields } from "./log.ts";
import type { PluginDefinition } from "./plugin-definition.ts";
import { StartError } from "./start-error.ts";
import { type RunningPlugin, startPlugin } from "./start-plugin.ts";

const stopWithinMs = 10_000;

/**
 * The whole life of a plugin's process: environment, start, run until SIGTERM or SIGINT (or until whoever started it over
 * IPC is gone), stop. Exit code 0 after a signal, 1 when it could not start, 70 after an uncaught error, 75 when stopping
 * took longer than ten seconds. `started` runs once it listens; what it returns is disposed first.
 */
export async function runPlugin<C>(
  definition: PluginDefinition<C>,
  started?: (plugin: RunningPlugin<C>) => AsyncDisposable,
): Promise<void> {
  const stopped = untilStopped();
  const stack = new AsyncDisposableStack();
  const code = await start(definition, stack, started).then(() => stopped, explainStart);
  setTimeout(() => process.exit(75), stopWithinMs).unref();
  await stack.disposeAsync();
  process.exit(code);
}

async function start<C>(
  definition: PluginDefinition<C>,
  stack: AsyncDisposableStack,
  started?: (plugin: RunningPlugin<C>) => AsyncDisposable,
): Promise<void> {
  const plugin = stack.use(await startPlugin(definition, await readEnvironment(process.env)));
  if (started) stack.use(started(plugin));
  process.send?.({ ready: true, process: "plugin", port: plugin.port });
}

function untilStopped(): Promise<number> {
  const stopped = Promise.withResolvers<number>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.resolve(0));
  process.once("disconnect", () => stopped.resolve(0));
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      stderrLog().error("uncaught error", errorFields(error));
      stopped.resolve(70);
    });
  }
  return stopped.promise;
}

function explainStart(error: unknown): number {
  const faults = error instanceof StartError ? error.faults : undefined;
  stderrLog().error("plugin did not start", { ...errorFields(error), faults });
  return 1;
}

function stderrLog() {
  return createLog("plugin", (line) => process.stderr.write(line));
}
