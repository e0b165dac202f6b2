import { VivifiedError } from "../errors/vivified-error.ts";
import { createLogger } from "../telemetry/logger.ts";

/**
 * The life of a process: `start` builds everything on the stack and returns when it is ready; the process then runs until
 * SIGINT or SIGTERM and takes the stack down again. Exit code 0 after a signal, 1 when starting failed, 70 after an
 * uncaught error (sysexits EX_SOFTWARE), 75 when stopping took longer than ten seconds.
 */
export async function runProcess(name: string, start: (stack: AsyncDisposableStack) => Promise<void>): Promise<void> {
  const logger = createLogger({ process: name });
  const stopped = Promise.withResolvers<number>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.resolve(0));
  process.once("disconnect", () => stopped.resolve(0)); // whoever started us over IPC is gone
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      logger.fatal({ err: error }, "uncaught error");
      stopped.resolve(70);
    });
  }
  const stack = new AsyncDisposableStack();
  const failed = start(stack).then(
    () => stopped.promise,
    (error: unknown) => {
      logger.fatal(startFailure(error), "process did not start");
      return 1;
    },
  );
  const code = await Promise.race([stopped.promise, failed]); // a process that waits for another can be stopped, too
  setTimeout(() => process.exit(75), 10_000).unref();
  await stack.disposeAsync();
  process.exit(code);
}

function startFailure(error: unknown) {
  return error instanceof VivifiedError && error.code === "invalid_config"
    ? { code: error.code, faults: error.extra.violations }
    : { err: error };
}

/** Tells whoever started this process that it still is at what comes before it serves. */
export function announceBusy(): void {
  process.send?.({ busy: true });
}

/** Tells whoever started this process, and the log, that it is ready to serve. */
export function announceReady(info: { readonly process: string; readonly [key: string]: unknown }): void {
  createLogger({ process: info.process }).info(info, "ready");
  process.send?.({ ready: true, ...info });
}
