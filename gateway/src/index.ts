export { compose, type Gateway, type Surroundings, serve } from "./compose.ts";
export { type GatewayConfig, gatewayConfig } from "./config.ts";
