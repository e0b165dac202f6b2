export { compose, type Gateway, serve } from "./compose.ts";
export { type GatewayConfig, gatewayConfig } from "./config.ts";
export type { Surroundings } from "./open-parts.ts";
