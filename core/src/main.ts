import { announceBusy, announceReady, runProcess } from "@vivified/runtime";
import { compose } from "./compose.ts";
import { coreConfig } from "./config.ts";

await runProcess("core", async (stack) => {
  const core = await compose(coreConfig(), stack, announceBusy);
  announceReady({ process: "core", public_url: core.publicUrl, mesh_url: core.meshUrl });
});
