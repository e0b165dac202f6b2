import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Does the work, and ends the process in an orderly way when it is told to stop meanwhile: `process.exit` runs what was
 * registered for the exit (children are ended, half-made folders removed), where a signal's own effect would not.
 */
export async function endOnSignal(work, lastWords = () => {}) {
  const end = (signal) => {
    lastWords();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}
