import { type Command, InvalidArgumentError, Option } from "commander";
import type { DecisionsOptions } from "../commands/decisions.ts";
import { addExplainCommand } from "./explain-program.ts";
import { addSearchCommand } from "./search-program.ts";
import { addTailCommand } from "./tail/tail-program.ts";

/** `vivified decisions`, which lists the latest, and what else can be asked of the decision log. */
export function addDecisionsCommands(vivified: Command): void {
  const decisions = vivified
    .command("decisions")
    .description("list the latest decisions of a running platform, newest last")
    .enablePositionalOptions() // or the options of `decisions` would take those of the same name below it
    .option("--home <directory>", "where everything is kept (default: VIVIFIED_HOME, else .vivified)")
    .option("--limit <count>", "how many, 1 to 1000", countOf, 50)
    .addOption(new Option("--effect <effect>", "what was decided").choices(["allow", "sanitize", "deny"]))
    .option("--caller <id>", "who acted: a plugin's id, `core`, or a user's id")
    .option("--trace <id>", "one chain of actions; its first digits will do")
    .option("--json", "as JSON, with what would change each decision")
    .action(async (options: DecisionsOptions) => (await import("../commands/decisions.ts")).decisions(options));
  decisions.exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 2));
  addSearchCommand(decisions);
  addTailCommand(decisions);
  addExplainCommand(decisions);
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError("it is a whole number from 1 to 1000.");
}
