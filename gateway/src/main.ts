import { announceReady, runProcess } from "@vivified/runtime";
import { compose } from "./compose.ts";
import { loadGatewayConfig } from "./load-gateway-config.ts";

await runProcess("gateway", async (stack) => {
  const { host, port } = await compose(loadGatewayConfig(), stack);
  announceReady({ process: "gateway", host, port });
});
