import { type Environment, loadConfig, VivifiedError } from "@vivified/runtime";
import { type GatewayConfig, gatewayConfig } from "./config.ts";

/**
 * Reads the gateway's configuration. Insecure settings are refused outside dev mode.
 *
 * @throws VivifiedError `invalid_config`
 */
export function loadGatewayConfig(env: Environment = process.env): GatewayConfig {
  const config = loadConfig("VIVIFIED_GATEWAY_", gatewayConfig, env);
  if (config.insecureAddressRanges && !config.devMode) {
    const message = "is allowed in dev mode only";
    const violations = [{ pointer: "VIVIFIED_GATEWAY_INSECURE_ADDRESS_RANGES", message }];
    throw new VivifiedError("invalid_config", { detail: `insecure setting: ${message}`, extra: { violations } });
  }
  return config;
}
