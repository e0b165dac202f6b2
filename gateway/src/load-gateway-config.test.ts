import { describe, expect, it } from "vitest";
import { loadGatewayConfig } from "./load-gateway-config.ts";

const complete = {
  VIVIFIED_GATEWAY_STATE_DIR: "state",
  VIVIFIED_GATEWAY_NATS_URL: "nats://127.0.0.1:4222",
  VIVIFIED_GATEWAY_NATS_PASSWORD: "p",
  VIVIFIED_GATEWAY_PORT: "8443",
  VIVIFIED_GATEWAY_POLICY_KEYS_FILE: "keys.json",
  VIVIFIED_GATEWAY_CONTROL_PLANE_URL: "https://127.0.0.1:1",
  VIVIFIED_GATEWAY_CORE_URL: "https://127.0.0.1:2",
  VIVIFIED_GATEWAY_SNAPSHOT_PUBLIC_KEY_FILE: "key.pem",
  VIVIFIED_GATEWAY_PROCESS_KEY_FILE: "process.pem",
  VIVIFIED_GATEWAY_PROCESS_KEYS_FILE: "process-keys.json",
  VIVIFIED_GATEWAY_DIGEST_KEY: "k",
  VIVIFIED_GATEWAY_WRITER_ID: "gateway-1",
};

describe("loadGatewayConfig", () => {
  it("reads a complete configuration, with secrets that do not print", () => {
    const config = loadGatewayConfig(complete);
    expect(config).toMatchObject({ port: 8443, devMode: false, trustDomain: "vivified.local", dnsServers: [] });
    expect(JSON.stringify(config)).not.toContain('"p"');
  });

  it("reports everything that is missing at once", () => {
    expect(() => loadGatewayConfig({})).toThrow(/STATE_DIR.*NATS_URL.*WRITER_ID/s);
  });

  it("refuses an insecure setting outside dev mode", () => {
    const insecure = { ...complete, VIVIFIED_GATEWAY_INSECURE_ADDRESS_RANGES: "true" };
    expect(() => loadGatewayConfig(insecure)).toThrow("dev mode");
    expect(loadGatewayConfig({ ...insecure, VIVIFIED_GATEWAY_DEV_MODE: "true" }).insecureAddressRanges).toBe(true);
  });

  it("refuses a writer id that cannot be a subject", () => {
    expect(() => loadGatewayConfig({ ...complete, VIVIFIED_GATEWAY_WRITER_ID: "a.b>" })).toThrow("WRITER_ID");
  });
});
