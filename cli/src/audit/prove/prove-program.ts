import type { Command } from "commander";
import { addCoreOptions } from "../../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../../policy/exit-code.ts";
import type { ProveOptions } from "./prove-command.ts";

/** Adds `vivified audit prove`. */
export function addProveCommand(audit: Command): void {
  const command = audit.command("prove").argument("<decision>", "a decision's id");
  addCoreOptions(command)
    .description("write a decision, its outcome, and the proofs that the log holds them")
    .option("-o, --output <prefix>", "what the files' names begin with (default: the id)")
    .option("--json", "say which files were written as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "written", 2: "asked wrongly, or core does not have it in its log yet" }))
    .action((id: string, options: ProveOptions) =>
      withExitCode(async () => (await import("./prove-command.ts")).proveCommand(id, options)),
    );
}
