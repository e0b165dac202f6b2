import { commandsBelow, describePage } from "../policy/policy-page.fixtures.ts";
import { addDecisionsCommands } from "./decisions-program.ts";

describePage("docs/reference/cli-decisions.md", commandsBelow("decisions", addDecisionsCommands));
