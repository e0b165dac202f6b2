import { runPlugin } from "@vivified/sdk";
import { workflowOrchestrator } from "./plugin.ts";

await runPlugin(workflowOrchestrator());
