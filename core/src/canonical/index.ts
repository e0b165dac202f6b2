export { eventTypeStore } from "./event-type-store.postgres.ts";
export type { EventTypeStore } from "./event-type-store.ts";
export { type CanonicalRoutesDeps, canonicalRoutes } from "./routes.ts";
