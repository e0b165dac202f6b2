import type { Command } from "commander";
import { addExportCommand } from "./export-program.ts";
import { addForgetCommand } from "./forget-program.ts";
import { addHoldCommands } from "./hold-program.ts";
import { addProveCommand } from "./prove/prove-program.ts";
import { addVerifyCommand } from "./verify/verify-program.ts";

/** `vivified audit …`: what an auditor works with. A command line that cannot be understood ends with 2. */
export function addAuditCommands(vivified: Command): void {
  const audit = vivified.command("audit").description("take the audit trail away and check it");
  audit.exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 2));
  addExportCommand(audit);
  addHoldCommands(audit);
  addProveCommand(audit);
  addVerifyCommand(audit);
  addForgetCommand(audit);
}
