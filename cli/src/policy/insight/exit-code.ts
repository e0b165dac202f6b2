import { tellFailure } from "../../terminal/tell-failure.ts";

/** What the insight commands end with. */
export const exitCodes = {
  /** Nothing to worry about. */
  fine: 0,
  /** Something differs: a flip nobody declared, an answer that is not what was logged, two bundles that are not the same. */
  differs: 1,
  /** Asked wrongly, or core or a file cannot be reached. */
  unusable: 2,
  /** The candidate gives no answer where there was one. */
  failing: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Runs a command and ends the process with what it says, or with 2 when it fails. */
export async function withExitCode(command: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    tellFailure(error);
    process.exitCode = exitCodes.unusable;
  }
}

/** A section of `--help`. */
export function exitCodeHelp(codes: Readonly<Record<number, string>>): string {
  const lines = Object.entries(codes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `\nExit codes:\n${lines.join("\n")}\n`;
}
