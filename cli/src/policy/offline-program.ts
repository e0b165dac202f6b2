import { type Command, InvalidArgumentError, Option } from "commander";
import { exitCodeHelp, withExitCode } from "./exit-code.ts";
import type { BuildOptions } from "./offline/build-command.ts";
import { type CheckOptions, checkFormats } from "./offline/check-command.ts";
import type { FmtOptions } from "./offline/fmt-command.ts";
import { testFormats } from "./offline/report/test-formats.ts";
import { outputOf } from "./offline/report/write-outputs.ts";
import type { TestOptions } from "./offline/test-command.ts";

const folder = [
  "[directory]",
  "a customer's repository, or a floor (default: this folder, else what we ship)",
] as const;
const unusable = "asked wrongly, or a file, OPA or Regal cannot be used";

/** Adds `test`, `check`, `fmt` and `build` to `vivified policy`: what works on files and asks no platform. */
export function addOfflineCommands(policy: Command): void {
  addTest(policy);
  addCheck(policy);
  addFmt(policy);
  addBuild(policy);
}

function addTest(policy: Command): void {
  policy
    .command("test")
    .description("run Rego tests and YAML cases on the interpreter and on Wasm, and see what the tests reach")
    .argument(...folder)
    .option("--run <regex>", "only tests and cases of such names")
    .option("--threshold <percent>", "how much of the rules tests have to reach, 0 to 100", percentOf)
    .addOption(new Option("--format <format>", "what goes to stdout").choices(testFormats).default("text"))
    .option("--json", "the same as --format json")
    .option("--output <format=file>", "another format into a file; may be repeated", outputOf(testFormats))
    .option("--watch", "run again after every change, until Ctrl-C")
    .addHelpText(
      "after",
      exitCodeHelp({ 0: "everything holds", 1: "something failed", 2: unusable, 3: "less is reached than asked for" }),
    )
    .action((directory: string | undefined, options: TestOptions) =>
      withExitCode(async () => (await import("./offline/test-command.ts")).testCommand(directory, options)),
    );
}

function addCheck(policy: Command): void {
  policy
    .command("check")
    .description("compile strictly against schemas and capabilities, lint, and look at cases and modes")
    .argument(...folder)
    .addOption(new Option("--format <format>", "what goes to stdout").choices(checkFormats).default("text"))
    .option("--json", "the same as --format json")
    .option("--output <format=file>", "another format into a file; may be repeated", outputOf(checkFormats))
    .addHelpText("after", exitCodeHelp({ 0: "nothing found", 1: "something found", 2: unusable }))
    .action((directory: string | undefined, options: CheckOptions) =>
      withExitCode(async () => (await import("./offline/check-command.ts")).checkCommand(directory, options)),
    );
}

function addFmt(policy: Command): void {
  policy
    .command("fmt")
    .description("put Rego into OPA's form and list the files that were not")
    .argument(...folder)
    .option("--check", "write nothing")
    .option("--diff", "write nothing, and show what would change")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      exitCodeHelp({ 0: "done, or nothing to do", 1: "--check or --diff found files", 2: unusable }),
    )
    .action((directory: string | undefined, options: FmtOptions) =>
      withExitCode(async () => (await import("./offline/fmt-command.ts")).fmtCommand(directory, options)),
    );
}

function addBuild(policy: Command): void {
  policy
    .command("build")
    .description("make an OPA bundle: the same input gives the same bytes")
    .argument(...folder)
    .requiredOption("--output <file>", "where the bundle goes (.tar.gz)")
    .option("--customer <directory>", "a customer's repository, on the floor in [directory]")
    .option("--serial <number>", "counts up with every version that is published", serialOf, 0)
    .option("--key <file>", "signs with this private key: RSA, PKCS #8, PEM")
    .option("--key-id <id>", "the key's name in the platform's policy keys")
    .option("--json", "as JSON")
    .addHelpText("after", exitCodeHelp({ 0: "built", 2: unusable }))
    .action((directory: string | undefined, options: BuildOptions) =>
      withExitCode(async () => (await import("./offline/build-command.ts")).buildCommand(directory, options)),
    );
}

function percentOf(text: string): number {
  const percent = Number(text);
  if (text.trim() !== "" && percent >= 0 && percent <= 100) return percent;
  throw new InvalidArgumentError("it is a number from 0 to 100.");
}

function serialOf(text: string): number {
  const serial = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(serial) && serial >= 0) return serial;
  throw new InvalidArgumentError("it is a whole number from 0.");
}
