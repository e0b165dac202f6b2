export { type Knock, knockOn } from "./attempts/rogue-envoy.ts";
export { demoPlugins } from "./demo-plugins.ts";
export { type NameServer, openNameServer } from "./outside-world/name-server.ts";
export { names, type OutsideWorld, openOutsideWorld, outsideAddress } from "./outside-world/outside-world.ts";
export { type Answer, Puppet } from "./puppet.ts";
