import { type Command, Option } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import type { AcknowledgeOptions, ListAlertsOptions } from "./alerts-command.ts";

/** `vivified alerts list | ack` */
export function addAlertCommands(vivified: Command): void {
  const alerts = vivified.command("alerts").description("what needs the attention of a person");
  alerts.exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 2));
  addCoreOptions(alerts.command("list").description("list alerts, newest first"))
    .addOption(new Option("--state <state>", "only these").choices(["open", "acknowledged", "resolved"]))
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "none is open", 1: "some are open", 2: "core cannot be asked" }))
    .action((options: ListAlertsOptions) => withExitCode(async () => (await commands()).listAlerts(options)));
  addCoreOptions(alerts.command("ack").description("say that you have seen an alert; it is not told again"))
    .argument("<alert>", "its id")
    .requiredOption("--note <text>", "what you found")
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "acknowledged", 2: "asked wrongly, or core refuses or cannot be reached" }))
    .action((id: string, options: AcknowledgeOptions) =>
      withExitCode(async () => (await commands()).acknowledgeAlert(id, options)),
    );
}

const commands = () => import("./alerts-command.ts");
