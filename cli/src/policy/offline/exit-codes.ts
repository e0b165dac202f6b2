import { tellFailure } from "../../terminal/tell-failure.ts";

/** What the commands that work on files end with. */
export const exitCodes = {
  /** Everything holds, or is done. */
  fine: 0,
  /** A test failed, or something was found. */
  found: 1,
  /** Asked wrongly, or it could not be run. */
  unusable: 2,
  /** Everything holds, and tests reach less than was asked for. */
  uncovered: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Runs a command and ends the process with what it says, or with 2 when it cannot be run. */
export async function withExitCode(command: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    tellFailure(error);
    process.exitCode = exitCodes.unusable;
  }
}
