import type { Command } from "commander";

/** Which policies: a bundle file, a folder that is built on the spot, or a revision that core keeps. */
export type BundleOptions = {
  readonly bundle?: string;
  readonly policies?: string;
  readonly customer?: string;
  readonly revision?: string;
  readonly keys?: string;
};

/** Adds the options that say which policies. */
export function addBundleOptions(command: Command): Command {
  return command
    .option("--bundle <file>", "these policies: a bundle")
    .option("--policies <directory>", "these policies: a folder with the floor, built on the spot")
    .option(
      "--customer <directory>",
      "with your own custom/ and modes.json (on the shipped floor unless --policies is given)",
    )
    .option("--revision <revision>", "these policies: a bundle that core keeps")
    .option("--keys <file>", "refuse a bundle that none of these keys signed");
}
