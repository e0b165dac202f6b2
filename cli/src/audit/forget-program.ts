import type { Command } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import type { ForgetOptions } from "./forget-command.ts";

/** Adds `vivified audit forget`. */
export function addForgetCommand(audit: Command): void {
  const command = audit
    .command("forget")
    .description("destroy a data subject's key, so that nothing kept of its payloads can be opened again")
    .argument("<subject>", "as payloads name it");
  addCoreOptions(command)
    .option("--yes", "really: there is no way back")
    .option("--json", "say what was done as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "forgotten, or never kept", 2: "asked wrongly, or core refuses" }))
    .action((subject: string, options: ForgetOptions) =>
      withExitCode(async () => (await import("./forget-command.ts")).forgetCommand(subject, options)),
    );
}
