export { type StorageRoutesDeps, storageRoutes } from "./routes.ts";
export { valueStore } from "./value-store.postgres.ts";
export type { ValueStore } from "./value-store.ts";
