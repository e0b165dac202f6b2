import { runPlugin } from "@vivified/sdk";
import manifest from "../manifest.json" with { type: "json" };

/** Joins and stays. The harness itself sends on this plugin's lane, so that it can name every trace. */
await runPlugin({ manifest, config: (settings) => settings, operations: {} });
