export { alertSettings } from "./alert-settings.ts";
export { alertStore } from "./alert-store.postgres.ts";
export type { AlertStore } from "./alert-store.ts";
export { raiseAlert } from "./raise-alert.ts";
export { type AlertRoutesDeps, alertRoutes } from "./routes.ts";
export { relaxedFinding } from "./rules/floor-relaxed.ts";
