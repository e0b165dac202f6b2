import { runPlugin } from "@vivified/sdk";
import { emailGateway } from "./plugin.ts";

await runPlugin(emailGateway());
