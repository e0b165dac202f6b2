export { type AdminRegistryRoutesDeps, adminRegistryRoutes } from "./admin-routes.ts";
export { activePlugin, type CallerDeps } from "./calling-plugin.ts";
export { registryStore } from "./registry-store.postgres.ts";
export type { RegisteredPlugin, RegistryStore } from "./registry-store.ts";
export { type RegistryRoutesDeps, registryRoutes } from "./routes.ts";
