import type { Command } from "commander";
import { exitCodeHelp, withExitCode } from "../../policy/exit-code.ts";
import { placeOf } from "../place-of.ts";
import { instantOf } from "./instant-of.ts";
import type { VerifyOptions } from "./verify-command.ts";

/** Adds `vivified audit verify`. */
export function addVerifyCommand(audit: Command): void {
  audit
    .command("verify")
    .argument("<export>", "a signed export, archive (.tar.gz) or directory; with --proof the file with one record")
    .description("check an export, or one record, offline, with the public key of the log alone")
    .requiredOption("--key <key>", "the log's public key as name+id+base64, or a file with it")
    .option("--from <place>", "you asked for places of the log from this one on, not for the whole log", placeOf)
    .option("--to <place>", "and before this one", placeOf)
    .option(
      "--since <time>",
      "you asked for a time from this moment on: what an export of a time shows is less",
      instantOf,
    )
    .option("--until <time>", "and before this one", instantOf)
    .option("--checkpoint <file>", "a checkpoint that you kept: the log has to be its continuation")
    .option(
      "--old-key <key>",
      "the log's key before it was changed: the checkpoint that you kept may be signed with it",
    )
    .option("--witness <key...>", "a witness's public key: it has to have cosigned the checkpoint")
    .option(
      "--retention-days <days>",
      "records have to be kept for at least so long (31): deleting younger ones is a finding",
    )
    .option("--proof <file>", "check one record by its .tlog-proof, as `prove` writes them")
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "verified", 1: "not verified: what is wrong is listed", 2: unusable }))
    .action((path: string, options: VerifyOptions) =>
      withExitCode(async () => (await import("./verify-command.ts")).verifyCommand(path, options)),
    );
}

const unusable = "asked wrongly, or a file cannot be read";
