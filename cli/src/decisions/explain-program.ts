import type { Command } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import { addBundleOptions } from "../policy/insight/bundle-options.ts";
import type { ExplainDecisionOptions } from "./explain-command.ts";

const codes = exitCodeHelp({
  0: "explained; or no policy was asked, and the record says why",
  1: "the log or the other engine says something else",
  2: "asked wrongly, no such decision, or core, OPA or a bundle cannot be used",
  3: "it cannot be judged again: the record holds less than was asked, or its policies are gone",
});

/** Adds `vivified decisions explain`. */
export function addExplainCommand(decisions: Command): void {
  const command = decisions.command("explain").argument("<id>", "a decision's id");
  addBundleOptions(addCoreOptions(command))
    .description("show one decision whole, what became of it, and why policy said so")
    .option("--all", "every rule that nearly fired")
    .option("--json", "as JSON")
    .addHelpText("after", codes)
    .action((id: string, options: ExplainDecisionOptions) =>
      withExitCode(async () => (await import("./explain-command.ts")).explainDecision(id, options)),
    );
}
