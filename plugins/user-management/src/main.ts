import { runPlugin } from "@vivified/sdk";
import { userManagement } from "./plugin.ts";

await runPlugin(userManagement());
