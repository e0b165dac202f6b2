import { styleText } from "node:util";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted by the first SIGINT, SIGTERM or SIGHUP, whose name is the reason; a second one while things stop is ignored. */
export function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    console.log(styleText("dim", "… stopping"));
    controller.abort(signal);
  };
  for (const signal of signals) process.on(signal, stop);
  return controller.signal;
}

/** Resolves when it is aborted. */
export function untilAborted(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
