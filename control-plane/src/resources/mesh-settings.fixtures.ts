import { processSpiffeId } from "@vivified/contracts";
import type { MeshSettings } from "./mesh-settings.ts";

export function someSettings(changes: Partial<MeshSettings> = {}): MeshSettings {
  return {
    gatewayId: processSpiffeId("vivified.local", "gateway"),
    gatewayAddresses: [{ host: "127.0.0.1", port: 8443 }],
    svidTtlSeconds: 3600,
    ...changes,
  };
}
