import { styleText } from "node:util";

/** The last word of a command that failed: the reason, without a stack unless it was asked for. Exit code 1. */
export function tellFailure(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const stack = process.env.VIVIFIED_DEBUG && error instanceof Error ? `\n${error.stack}` : "";
  process.stderr.write(`${styleText("red", "vivified:", { stream: process.stderr })} ${message}${stack}\n`);
  process.exitCode = 1;
}
