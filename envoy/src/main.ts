import { announceReady, loadConfig, runProcess } from "@vivified/runtime";
import { compose } from "./compose.ts";
import { agentConfig } from "./config.ts";

await runProcess("agent", async (stack) => {
  const config = loadConfig("VIVIFIED_AGENT_", agentConfig);
  const envoy = await compose(config, stack);
  const { pluginId, instance, lanePort, meshPort } = config;
  const place = { plugin_id: pluginId, instance, lane_port: lanePort, mesh_port: meshPort };
  const announce = () => announceReady({ process: "agent", ...place, envoy_pid: envoy.pid });
  envoy.untilServing().then(announce, () => undefined); // not waited for: the agent can be stopped meanwhile
});
