import { type Command, InvalidArgumentError } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import { addPastOptions } from "./past-options.ts";
import type { SearchOptions } from "./search-command.ts";

/** Also when a reader has had enough. */
const searched = 0;

/** Adds `vivified decisions search`. */
export function addSearchCommand(decisions: Command): void {
  const command = decisions.command("search").description("find decisions, newest first, one a line");
  addPastOptions(addCoreOptions(command))
    .option("--limit <count>", "how many at most, 1 to 1000000", limitOf, 50)
    .option("--json", "as JSON, one decision a line, as core gives it")
    .addHelpText(
      "after",
      exitCodeHelp({
        0: "searched, found or not; or the reader had enough",
        2: "asked wrongly, or core cannot be used",
      }),
    )
    .action((options: SearchOptions) =>
      withExitCode(async () => (await import("./search-command.ts")).searchCommand(options), searched),
    );
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= 1_000_000) return Number(text);
  throw new InvalidArgumentError("it is a whole number from 1 to 1000000.");
}
