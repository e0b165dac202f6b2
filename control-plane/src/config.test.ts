import { loadConfig } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { controlPlaneConfig } from "./config.ts";

const prefix = "VIVIFIED_CONTROL_PLANE_";
const least = {
  NATS_URL: "nats://127.0.0.1:4222",
  NATS_PASSWORD: "secret",
  CSR_PORT: "8443",
  XDS_PORT: "8444",
  CA_DIR: "/var/lib/vivified/ca",
  SNAPSHOT_PUBLIC_KEY_FILE: "/etc/vivified/snapshot.pem",
  PROCESS_KEY_FILE: "/etc/vivified/process.pem",
  PROCESS_KEYS_FILE: "/etc/vivified/process-keys.json",
  GATEWAY_ADDRESS: "127.0.0.1:9000",
};
const load = (values: Record<string, string>) =>
  loadConfig(
    prefix,
    controlPlaneConfig,
    Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value])),
  );

describe("controlPlaneConfig", () => {
  it("needs no more than it cannot know", () => {
    expect(load(least)).toMatchObject({ trustDomain: "vivified.local", svidTtlSeconds: 3600, csrPort: 8443 });
  });

  it("reports all faults together", () => {
    const faults = { CSR_PORT: "many", SVID_TTL_SECONDS: "1", GATEWAY_ADDRESS: "gateway", COLOUR: "red" };
    const missing = ["NATS_URL", "NATS_PASSWORD", "XDS_PORT", "CA_DIR", "SNAPSHOT_PUBLIC_KEY_FILE"].concat([
      "PROCESS_KEY_FILE",
      "PROCESS_KEYS_FILE",
    ]);
    const names = [...Object.keys(faults), ...missing].map((name) => prefix + name).sort();
    try {
      expect.unreachable(JSON.stringify(load(faults)));
    } catch (error) {
      const { extra } = error as { extra: { violations: { pointer: string }[] } };
      expect(extra.violations.map(({ pointer }) => pointer).sort()).toEqual(names);
    }
  });
});
