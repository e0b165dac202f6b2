import { Command } from "commander";
import type { DecisionsOptions } from "./commands/decisions.ts";
import type { DemoOptions } from "./commands/demo.ts";
import type { UpOptions } from "./commands/up.ts";

const home = ["--home <directory>", "where everything is kept (default: VIVIFIED_HOME, else .vivified)"] as const;

/** The `vivified` command. What a command needs is loaded when it runs. */
export function program(): Command {
  const vivified = new Command("vivified").description("Policy-as-code security gateway for plugin platforms");
  vivified
    .command("up")
    .description("start the platform and stay in the foreground; Ctrl-C stops it")
    .option(...home)
    .option("--require-isolation", "refuse to start when plugins cannot be put into namespaces")
    .action(async (options: UpOptions) => (await import("./commands/up.ts")).up(options));
  vivified
    .command("demo")
    .description("start a platform of its own and play the onboarding story, refusals included")
    .option(...home)
    .action(async (options: DemoOptions) => (await import("./commands/demo.ts")).demo(options));
  vivified
    .command("decisions")
    .description("list the latest decisions of a running platform")
    .option(...home)
    .option("--limit <count>", "how many", "50")
    .option("--effect <effect>", "allow, sanitize or deny")
    .option("--caller <id>", "who acted")
    .option("--trace <id>", "one chain of actions")
    .option("--json", "as JSON")
    .action(async (options: DecisionsOptions) => (await import("./commands/decisions.ts")).decisions(options));
  addProcesses(vivified);
  return vivified.showHelpAfterError();
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
