export { AdminApi, AdminApiError } from "./platform/admin-api.ts";
export { HomeInUseError } from "./platform/lock.ts";
export type { Platform, PlatformOptions } from "./platform/platform.ts";
export type { PluginSpec } from "./platform/plugins/plugin-spec.ts";
export type { RunningPlugin } from "./platform/plugins/start-plugin.ts";
export { startPlatform } from "./platform/start-platform.ts";
