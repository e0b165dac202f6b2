import type { Command } from "commander";
import { addCoreOptions } from "../../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../../policy/exit-code.ts";
import { addFilterOptions } from "../filter-options.ts";
import type { TailOptions } from "./tail-command.ts";

const stopped = 0;

/** Adds `vivified decisions tail`. */
export function addTailCommand(decisions: Command): void {
  const command = decisions.command("tail").description("follow decisions as they come, one a line, until Ctrl-C");
  addFilterOptions(addCoreOptions(command))
    .option("--since <time>", "first those from a time on, or from how long ago: 30m, 24h, 7d; at most 10000")
    .option("--json", "as JSON, one decision a line, as core gives it")
    .addHelpText(
      "after",
      exitCodeHelp({ 0: "stopped by a signal, or nobody reads it any more", 2: "asked wrongly, or core refuses" }),
    )
    .action((options: TailOptions) =>
      withExitCode(async () => (await import("./tail-command.ts")).tailCommand(options), stopped),
    );
}
