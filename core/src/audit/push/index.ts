export { openReceivers } from "./open-receivers.ts";
export { pushMetrics } from "./push-metrics.ts";
export { pushSettings } from "./push-settings.ts";
export { pushStore } from "./push-store.postgres.ts";
export { type PushedTo, pushedTo } from "./pushed-to.postgres.ts";
export { Pusher } from "./pusher.ts";
