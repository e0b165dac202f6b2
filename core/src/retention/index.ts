export { holdStore } from "./hold-store.postgres.ts";
export type { HoldStore, SealedFor } from "./hold-store.ts";
export { type HoldRoutesDeps, holdRoutes } from "./routes.ts";
