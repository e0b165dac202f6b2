import { commandsBelow, describePage } from "../policy/policy-page.fixtures.ts";
import { addAuditCommands } from "./audit-program.ts";

describePage("docs/reference/cli-audit.md", commandsBelow("audit", addAuditCommands));
