import { lineFormats } from "@vivified/contracts";
import { type Command, Option } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "../policy/exit-code.ts";
import type { ExportOptions } from "./export-command.ts";

/** Adds `vivified audit export`. */
export function addExportCommand(audit: Command): void {
  const command = audit.command("export").description("write records of the trail into a file, newest first");
  addCoreOptions(command)
    .requiredOption("-o, --output <file>", "where they go; - is standard output")
    .addOption(new Option("--format <format>", "how they are written").choices([...lineFormats]).default("ndjson"))
    .option("--since <time>", "from a time on, or from how long ago: 30m, 24h, 7d")
    .option("--until <time>", "and before a time")
    .option("--lane <lane>", "events, rpc, egress or core")
    .option("--caller <id>", "who acted: a plugin's id, `core`, or a user's id")
    .option("--target <id>", "the other side")
    .addOption(new Option("--effect <effect>", "what was decided").choices(["allow", "sanitize", "deny"]))
    .option("--rule <id>", "why")
    .option("--json", "say what was written as JSON; not together with -o -")
    .addHelpText("after", exitCodeHelp({ 0: "written", 2: "asked wrongly, or core or the file cannot be used" }))
    .action((options: ExportOptions) =>
      withExitCode(async () => (await import("./export-command.ts")).exportCommand(options)),
    );
}
