import { type Command, Option } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { addPastOptions } from "../decisions/past-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import { type ExportOptions, exportFormats } from "./export-options.ts";
import { placeOf } from "./place-of.ts";

/** Adds `vivified audit export`: what a search finds as lines, or a signed stretch of the log. */
export function addExportCommand(audit: Command): void {
  const command = audit
    .command("export")
    .description(
      "write records of the trail into a file: lines, newest first, that any filter narrows, or a signed bundle of the log, that only times and places do",
    );
  addPastOptions(addCoreOptions(command))
    .requiredOption("-o, --output <file>", "where they go; - is standard output")
    .addOption(new Option("--format <format>", "how they are written").choices([...exportFormats]).default("ndjson"))
    .option("--from <place>", "of a bundle: from a place in the log on", placeOf)
    .option("--to <place>", "of a bundle: and before a place", placeOf)
    .option("--checkpoint <file>", "of a bundle: lead to this checkpoint, which you kept, for `verify --checkpoint`")
    .option("--json", "say what was written as JSON; not together with -o -")
    .addHelpText(
      "after",
      exitCodeHelp({ 0: "written", 2: "asked wrongly, or core or the file cannot be used, or the reader went away" }),
    )
    .action((options: ExportOptions) =>
      withExitCode(async () => (await import("./export-command.ts")).exportCommand(options)),
    );
}
