export { bootstrap } from "./bootstrap/bootstrap.ts";
export type { NodeSettings } from "./bootstrap/node-settings.ts";
