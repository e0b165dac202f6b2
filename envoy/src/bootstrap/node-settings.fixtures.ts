import type { NodeSettings } from "./node-settings.ts";

export function someNode(changes: Partial<NodeSettings> = {}): NodeSettings {
  return {
    pluginId: "newsletter",
    instance: "1",
    trustDomain: "vivified.local",
    xds: { host: "127.0.0.1", port: 9000 },
    lanePort: 9001,
    pluginPort: 8080,
    maxRequestsPerSecond: 1000,
    mesh: { host: "127.0.0.1", port: 9002 },
    ...changes,
  };
}
