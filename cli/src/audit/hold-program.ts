import type { Command } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import type { HoldOptions, PlaceOptions } from "./hold-command.ts";

const codes = { 0: "done", 2: "asked wrongly, or core refuses or cannot be reached" };

/** Adds `vivified audit hold place | list | lift`. */
export function addHoldCommands(audit: Command): void {
  const hold = audit.command("hold").description("keep records from deletion by retention");
  addPlace(hold);
  addCoreOptions(hold.command("list").description("list the legal holds, newest first"))
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp(codes))
    .action((options: HoldOptions) => withExitCode(async () => (await commands()).listHolds(options)));
  addCoreOptions(hold.command("lift").description("ask for the end of a legal hold, or agree to it as a second person"))
    .argument("<hold>", "its id")
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp(codes))
    .action((id: string, options: HoldOptions) => withExitCode(async () => (await commands()).liftHold(id, options)));
}

function addPlace(hold: Command): void {
  addCoreOptions(hold.command("place").description("place a legal hold; without a scope it keeps everything"))
    .requiredOption("--reason <text>", "why: the case it is for")
    .option("--since <time>", "records from a time on, or from how long ago: 30m, 24h, 7d")
    .option("--until <time>", "and before a time")
    .option("--caller <id>", "of a caller")
    .option("--target <id>", "to a target")
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp(codes))
    .action((options: PlaceOptions) => withExitCode(async () => (await commands()).placeHold(options)));
}

const commands = () => import("./hold-command.ts");
