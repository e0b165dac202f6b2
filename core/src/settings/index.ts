export { type SettingsRoutesDeps, settingsRoutes } from "./routes.ts";
export { settingsStore } from "./settings-store.postgres.ts";
export type { SettingsStore } from "./settings-store.ts";
