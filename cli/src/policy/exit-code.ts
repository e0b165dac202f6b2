import { endWithReader } from "../terminal/end-with-reader.ts";
import { tellFailure } from "../terminal/tell-failure.ts";

/** What every command of `vivified policy` ends with when it was asked wrongly or could not be run. */
export const unusable = 2;

/**
 * Runs a command and ends the process with what it says, or with 2 when it fails. A command whose reader goes away before it
 * is done ends with 2 as well, unless `unread` says otherwise: what it found is not known.
 */
export async function withExitCode(command: () => Promise<number>, unread: number = unusable): Promise<void> {
  endWithReader(unread);
  try {
    process.exitCode = await command();
  } catch (error) {
    tellFailure(error);
    process.exitCode = unusable;
  }
}

/** A section of `--help`. */
export function exitCodeHelp(codes: Readonly<Record<number, string>>): string {
  const lines = Object.entries(codes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join("\n")}\n`;
}
