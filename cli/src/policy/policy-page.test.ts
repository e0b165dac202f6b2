import { commandsBelow, describePage } from "./policy-page.fixtures.ts";
import { addPolicyCommands } from "./policy-program.ts";

describePage("docs/reference/cli-policy.md", commandsBelow("policy", addPolicyCommands), ["vivified policy case"]);
