import { unusable } from "../exit-code.ts";

/** What the insight commands end with. */
export const exitCodes = {
  /** Nothing to worry about. */
  fine: 0,
  /** Something differs: a flip nobody declared, an answer that is not what was logged, two bundles that are not the same. */
  differs: 1,
  /** Asked wrongly, or core or a file cannot be reached. */
  unusable,
  /** The candidate gives no answer where there was one. */
  failing: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
