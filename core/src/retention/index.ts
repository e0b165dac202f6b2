export { holdStore } from "./hold-store.postgres.ts";
export type { HoldStore } from "./hold-store.ts";
export { type HoldRoutesDeps, holdRoutes } from "./routes.ts";
