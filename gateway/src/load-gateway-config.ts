import { type Environment, loadConfig } from "@vivified/runtime";
import { type GatewayConfig, gatewayConfig } from "./config.ts";

/**
 * Reads the gateway's configuration. Insecure settings are refused outside dev mode.
 *
 * @throws VivifiedError `invalid_config`
 */
export function loadGatewayConfig(env: Environment = process.env): GatewayConfig {
  return loadConfig("VIVIFIED_GATEWAY_", gatewayConfig, env);
}
