export { CoreConfig, coreConfig } from "./config.ts";
