/** What the lifecycle commands end with. */
export const exitCodes = {
  done: 0,
  /** Core says no: a bad bundle, an older one, somebody else's request, no right to. */
  refused: 1,
  /** Asked wrongly, or core or a file cannot be reached. */
  unusable: 2,
  /** In force in core, and a gateway has not said within the time that it follows. */
  notEverywhere: 3,
  /** A second person has to approve. */
  waits: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  refused: "core refuses: the bundle, the order of revisions, or who asks",
  unusable: "asked wrongly, or core or a file cannot be reached",
  notEverywhere: "in force in core, but not every gateway said within --wait that it follows",
  waits: "a second person has to approve it",
};

/** A section of `--help`. */
export function exitCodeHelp(names: readonly (keyof typeof exitCodes)[]): string {
  return `\nExit codes:\n${names.map((name) => `  ${exitCodes[name]}  ${meanings[name]}`).join("\n")}\n`;
}
