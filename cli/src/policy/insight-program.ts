import { type Command, Option } from "commander";
import { addCoreOptions } from "../core/core-options.ts";
import { exitCodeHelp, withExitCode } from "./exit-code.ts";
import { addBundleOptions } from "./insight/bundle-options.ts";
import type { CaseOptions } from "./insight/case-command.ts";
import type { DiffOptions } from "./insight/diff-command.ts";
import type { ExplainOptions } from "./insight/explain-command.ts";
import type { ReplayOptions } from "./insight/replay-command.ts";

/** Adds `explain`, `case`, `replay` and `diff` to `vivified policy`: what policies did, and what a change of them would do. */
export function addInsightCommands(policy: Command): void {
  addExplain(policy);
  addCase(policy);
  addReplay(policy);
  addDiff(policy);
}

const entrypoint = ["--entrypoint <question>", "which question, as rpc/invoke"] as const;
const unusable = "asked wrongly, or a file, OPA or core cannot be used";

function addExplain(policy: Command): void {
  const explain = policy
    .command("explain")
    .argument("<what>", "a decision's id, or a file with its record or with an input");
  addBundleOptions(addCoreOptions(explain))
    .description("say which rules fired, which nearly did and why not, and what would turn a denial")
    .option(...entrypoint)
    .option("--all", "every rule that nearly fired")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      exitCodeHelp({ 0: "explained", 1: "the log or the other engine says something else", 2: unusable }),
    )
    .action((what: string, options: ExplainOptions) =>
      withExitCode(async () => (await import("./insight/explain-command.ts")).explainCommand(what, options)),
    );
}

function addCase(policy: Command): void {
  const command = policy.command("case").argument("<what>", "a decision's id, or a file with its record");
  addCoreOptions(command)
    .description("make a case for `policy test` out of a logged decision")
    .option("--append <file>", "put it at the end of a file of cases, which is made when it is not there")
    .option("--name <name>", "what the case is called")
    .addHelpText("after", exitCodeHelp({ 0: "written", 2: unusable }))
    .action((what: string, options: CaseOptions) =>
      withExitCode(async () => (await import("./insight/case-command.ts")).caseCommand(what, options)),
    );
}

const replayCodes = exitCodeHelp({
  0: "no decision changes, or every change was declared; with --verify, none differs",
  1: "decisions change that --expect does not declare; with --verify, some differ",
  2: unusable,
  3: "the candidate gives no answer where there was one",
});

function addReplay(policy: Command): void {
  addTrafficOptions(addBundleOptions(addCoreOptions(policy.command("replay"))))
    .description("judge logged decisions again with a candidate and count what would come out otherwise")
    .option("--expect <file>", "changes that are meant, as YAML: flips and fields")
    .option("--verify", "judge each decision with its own revision and want the same bytes")
    .addOption(new Option("--format <format>", "how to tell it").choices(["text", "json", "markdown"]).default("text"))
    .option("--json", "the same as --format json")
    .addHelpText("after", replayCodes)
    .action((options: ReplayOptions) =>
      withExitCode(async () => (await import("./insight/replay-command.ts")).replayCommand(options)),
    );
}

function addDiff(policy: Command): void {
  const side = "a bundle, a folder of policies or of a customer, or a revision that core keeps";
  const diff = policy.command("diff").argument("<from>", side).argument("<to>", "the same");
  addTrafficOptions(addCoreOptions(diff))
    .description("say which rules and data differ between two policies, and what that makes of real traffic")
    .option("--keys <file>", "refuse a bundle that none of these keys signed")
    .option("--json", "as JSON")
    .addHelpText(
      "after",
      exitCodeHelp({
        0: "nothing differs",
        1: "something differs",
        2: unusable,
        3: "the second gives no answer where the first does",
      }),
    )
    .action((from: string, to: string, options: DiffOptions) =>
      withExitCode(async () => (await import("./insight/diff-command.ts")).diffCommand(from, to, options)),
    );
}

function addTrafficOptions(command: Command): Command {
  return command
    .option("--file <file>", "decisions from a file, one record a line (- is standard input)")
    .option("--since <time>", "decisions that core keeps, from a time on, or from how long ago: 30m, 24h, 7d")
    .option("--until <time>", "and before a time")
    .option(...entrypoint);
}
