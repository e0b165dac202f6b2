/** Resolves with the first SIGINT, SIGTERM or SIGHUP. A second one while everything is being stopped is ignored. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(signal));
  });
}
