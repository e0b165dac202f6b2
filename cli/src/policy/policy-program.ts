import type { Command } from "commander";
import { addInsightCommands } from "./insight-program.ts";
import { addLifecycleCommands } from "./lifecycle/lifecycle-program.ts";
import { addOfflineCommands } from "./offline-program.ts";

/** `vivified policy …`: what a security team works with. A command line that cannot be understood ends with 2. */
export function addPolicyCommands(vivified: Command): void {
  const policy = vivified.command("policy").description("test, build, explain, replay, publish and roll back policies");
  policy.exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 2));
  addOfflineCommands(policy);
  addLifecycleCommands(policy);
  addInsightCommands(policy);
}
