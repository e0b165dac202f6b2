import { describe, expect, it } from "vitest";
import { coreConfig } from "./config.ts";

const environment = {
  VIVIFIED_CORE_STATE_DIR: "/state",
  VIVIFIED_CORE_PUBLIC_PORT: "1",
  VIVIFIED_CORE_MESH_PORT: "2",
  VIVIFIED_CORE_NATS_URL: "nats://127.0.0.1",
  VIVIFIED_CORE_NATS_USER: "core",
  VIVIFIED_CORE_NATS_PASSWORD: "secret",
  VIVIFIED_CORE_DATABASE_URL: "postgres://x",
  VIVIFIED_CORE_POLICY_BUNDLE_FILE: "/bundle.tar.gz",
  VIVIFIED_CORE_POLICY_KEYS_FILE: "/keys.json",
  VIVIFIED_CORE_CONTROL_PLANE_URL: "https://127.0.0.1:1",
  VIVIFIED_CORE_GATEWAY_URL: "https://127.0.0.1:2",
  VIVIFIED_CORE_SNAPSHOT_KEY_FILE: "/snapshot.pem",
  VIVIFIED_CORE_PROCESS_KEY_FILE: "/process.pem",
  VIVIFIED_CORE_PROCESS_KEYS_FILE: "/process-keys.json",
  VIVIFIED_CORE_TOKEN_KEY_FILE: "/token.pem",
  VIVIFIED_CORE_AUDIT_LOG_KEY_FILE: "/audit-log.pem",
};
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    coreConfig(env);
    return [];
  } catch (error) {
    const { extra } = error as { extra: { violations: { pointer: string }[] } };
    return extra.violations.map((one) => one.pointer);
  }
};

describe("core's configuration", () => {
  it("is production unless it says otherwise", () => {
    expect(coreConfig(environment)).toMatchObject({
      devMode: false,
      insecureEgressGrants: false,
      maxStalenessMs: 300_000,
    });
  });

  it("reports every missing setting together", () => {
    expect([...faultsOf({})].sort()).toEqual(Object.keys(environment).sort());
  });

  it("refuses outside dev mode what only dev mode allows", () => {
    const insecure = {
      ...environment,
      VIVIFIED_CORE_FIRST_ADMIN_PASSWORD: "correct horse battery",
      VIVIFIED_CORE_INSECURE_EGRESS_GRANTS: "true",
    };
    expect(faultsOf(insecure)).toEqual(["VIVIFIED_CORE_FIRST_ADMIN_PASSWORD", "VIVIFIED_CORE_INSECURE_EGRESS_GRANTS"]);
    expect(faultsOf({ ...insecure, VIVIFIED_CORE_DEV_MODE: "true" })).toEqual([]);
  });

  it("refuses settings that do not exist, and shows no secret", () => {
    expect(faultsOf({ ...environment, VIVIFIED_CORE_COLOUR: "red" })).toEqual(["VIVIFIED_CORE_COLOUR"]);
    expect(JSON.stringify(coreConfig(environment))).not.toContain("postgres://x");
  });
});
