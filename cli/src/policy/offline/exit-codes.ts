import { unusable } from "../exit-code.ts";

/** What the commands that work on files end with. */
export const exitCodes = {
  /** Everything holds, or is done. */
  fine: 0,
  /** A test failed, or something was found. */
  found: 1,
  /** Asked wrongly, or it could not be run. */
  unusable,
  /** Everything holds, and tests reach less than was asked for. */
  uncovered: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
