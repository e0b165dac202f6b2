import { roles } from "@vivified/contracts";
import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addAlertCommands } from "./alerts/alerts-program.ts";
import { addAuditCommands } from "./audit/audit-program.ts";
import type { BackupOptions, RestoreOptions } from "./commands/backup.ts";
import type { DemoOptions } from "./commands/demo.ts";
import type { UpOptions } from "./commands/up.ts";
import type { UserCreateOptions } from "./commands/user-create.ts";
import { addCoreOptions } from "./core/core-options.ts";
import { addDecisionsCommands } from "./decisions/decisions-program.ts";
import { addPolicyCommands } from "./policy/policy-program.ts";

const home = ["--home <directory>", "where everything is kept (default: VIVIFIED_HOME, else .vivified)"] as const;
const demoHome = [
  "--home <directory>",
  "where everything is kept (default: a temporary folder, removed at the end)",
] as const;

/** The `vivified` command. What a command needs is loaded when it runs. */
export function program(): Command {
  const vivified = new Command("vivified").description("Policy-as-code security gateway for plugin platforms");
  vivified.version(manifest.version).showHelpAfterError(); // before the commands are added: they inherit it
  vivified.enablePositionalOptions(); // what stands behind a command is for that command
  vivified
    .command("up")
    .description("start the platform and stay in the foreground; Ctrl-C stops it")
    .option(...home)
    .option("--require-isolation", "refuse to start when plugins cannot be put into namespaces")
    .action(async (options: UpOptions) => (await import("./commands/up.ts")).up(options));
  vivified
    .command("demo")
    .description("start a platform of its own and play the onboarding story, refusals included")
    .option(...demoHome)
    .action(async (options: DemoOptions) => (await import("./commands/demo.ts")).demo(options));
  addDecisionsCommands(vivified);
  addBackupCommands(vivified);
  addUserCommands(vivified.command("user").description("people of the platform"));
  addPolicyCommands(vivified);
  addAuditCommands(vivified);
  addAlertCommands(vivified);
  addProcesses(vivified);
  return vivified;
}

function addBackupCommands(vivified: Command): void {
  const servers = (command: Command) =>
    command
      .option("--database-url-file <file>", "the file with PostgreSQL's connection URL")
      .option("--nats-url <address>", "the NATS server")
      .option("--nats-password-file <file>", "the file with the password of the NATS user installer")
      .option("--events-password-file <file>", "the file with that of the NATS user events-installer")
      .option("--log-dir <directory>", "where the audit log lies")
      .option("--log-s3-url <url>", "the bucket in which it lies instead: https://host/bucket[/prefix]")
      .option("--log-s3-region <region>", "the bucket's region (default: us-east-1)")
      .option("--log-s3-access-key-id <id>", "the access key for the bucket")
      .option("--log-s3-secret-file <file>", "the file with its secret");
  servers(vivified.command("backup").description("take a backup of a running platform; keys are not in it"))
    .argument("<directory>", "an empty directory")
    .option(
      "--home <directory>",
      "the platform in it, instead of named servers (default: VIVIFIED_HOME, else .vivified)",
    )
    .action(async (directory: string, options: BackupOptions) =>
      (await import("./commands/backup.ts")).backup(directory, options),
    );
  servers(vivified.command("restore").description("put a backup onto servers that hold nothing, and check it"))
    .argument("<directory>", "the backup")
    .requiredOption("--vkey <file>", "the audit log's public key")
    .option("--old-vkey <file>", "the public key before it, when the backup is from before it was changed")
    .requiredOption("--process-keys <file>", "whose decision blocks count: JSON, public keys by process")
    .option("--checkpoint <file>", "the newest checkpoint that an auditor or a witness holds; the backup must reach it")
    .action(async (directory: string, options: RestoreOptions) =>
      (await import("./commands/backup.ts")).restore(directory, options),
    );
}

function addUserCommands(user: Command): void {
  const create = user
    .command("create")
    .description("create a user; the plugins hear of it")
    .argument("<username>", "lower-case letters, digits, dots and dashes")
    .requiredOption("--email <address>", "where mail goes")
    .requiredOption("--full-name <name>", "as people know them")
    .addOption(new Option("--role <role...>", "what they may do").choices([...roles]))
    .option("--new-password-file <file>", "the file with their password, 15 characters or more; without one no login");
  addCoreOptions(create).action(async (username: string, options: UserCreateOptions) =>
    (await import("./commands/user-create.ts")).userCreate(username, options),
  );
}

function addProcesses(vivified: Command): void {
  vivified
    .command("doctor")
    .description("say what is missing or too old, and how to get it")
    .action(async () => (await import("./commands/run-script.ts")).runScript("tools/doctor.mjs"));
  vivified
    .command("server")
    .description("run one process of the platform, configured by its environment")
    .argument("<process>", "core, gateway or control-plane")
    .action(async (name: string) => (await import("./commands/run-script.ts")).runServer(name));
  vivified
    .command("agent")
    .description("run the node agent beside a plugin, configured by its environment")
    .action(async () => (await import("./commands/run-script.ts")).runScript("envoy/src/main.ts"));
}
