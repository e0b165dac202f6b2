export { bootstrap } from "./bootstrap/bootstrap.ts";
export type { Address, NodeSettings } from "./bootstrap/node-settings.ts";
