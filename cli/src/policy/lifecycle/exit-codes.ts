import { unusable } from "../exit-code.ts";

/** What the lifecycle commands end with. */
export const exitCodes = {
  done: 0,
  /** Core says no: a bad bundle, an older one, somebody else's request, no right to. */
  refused: 1,
  /** Asked wrongly, or core or a file cannot be reached. */
  unusable,
  /** In force in core, and a gateway has not said within the time that it follows. */
  notEverywhere: 3,
  /** A second person has to approve. */
  waits: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The same, as `--help` says it. */
export const exitCodeMeanings = {
  [exitCodes.done]: "done",
  [exitCodes.refused]: "core refuses: the bundle, the order of revisions, or who asks",
  [exitCodes.unusable]: "asked wrongly, or core or a file cannot be reached",
} as const;

/** And of commands that wait for gateways. */
export const waitingMeanings = {
  ...exitCodeMeanings,
  [exitCodes.notEverywhere]: "in force in core, but not every gateway said within --wait that it follows",
  [exitCodes.waits]: "a second person has to approve it",
} as const;
