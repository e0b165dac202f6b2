export { callOperation, type Delivery, deliverEvent, type OperationCall, type PluginReply } from "./as-gateway.ts";
export type { GatewayKeys, TokenRequest } from "./gateway-keys.ts";
export { type LaneStandIn, openLaneStandIn, type StandInAnswer, type StandInRequest } from "./lane-stand-in.ts";
export { problem } from "./standard-answers.ts";
