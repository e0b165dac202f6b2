import { styleText } from "node:util";
import { harmlessText } from "./harmless.ts";

/**
 * The last word of a command that failed: the reason, without a stack unless it was asked for. Exit code 1. A reason may quote
 * others, as a core that refuses: nothing of it moves the cursor. Lines stay, since our own reasons have some.
 */
export function tellFailure(error: unknown): void {
  const message = harmlessLines(error instanceof Error ? error.message : String(error));
  const stack = process.env.VIVIFIED_DEBUG && error instanceof Error ? `\n${harmlessLines(error.stack ?? "")}` : "";
  process.stderr.write(`${styleText("red", "vivified:", { stream: process.stderr })} ${message}${stack}\n`);
  process.exitCode = 1;
}

const harmlessLines = (text: string): string => text.split("\n").map(harmlessText).join("\n");
