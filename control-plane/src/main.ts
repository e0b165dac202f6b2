import { announceReady, loadConfig, runProcess } from "@vivified/runtime";
import { compose } from "./compose.ts";
import { controlPlaneConfig } from "./config.ts";

await runProcess("control-plane", async (stack) => {
  const config = loadConfig("VIVIFIED_CONTROL_PLANE_", controlPlaneConfig);
  const ports = await compose(config, stack);
  announceReady({ process: "control-plane", csr_port: ports.csrPort, xds_port: ports.xdsPort });
});
