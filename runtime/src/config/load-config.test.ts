import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import { VivifiedError } from "../errors/vivified-error.ts";
import { devModeOnly, listOf, secretString } from "./fields.ts";
import { loadConfig } from "./load-config.ts";

const schema = Type.Object({
  natsUrl: Type.String({ description: "Where NATS is", format: "uri" }),
  port: Type.Integer({ description: "The port", minimum: 1, maximum: 65535 }),
  devMode: Type.Boolean({ description: "Development", default: false }),
  password: secretString({ description: "The password" }),
  dnsServers: listOf(Type.String(), { description: "DNS servers", default: [] }),
  insecureTrust: devModeOnly(Type.Boolean({ description: "Trusts anybody", default: false })),
  logLevel: Type.Optional(Type.String({ description: "Level" })),
});
const good = { X_NATS_URL: "nats://127.0.0.1:4222", X_PORT: "8080", X_PASSWORD: "hunter2hunter2" };

const faultsOf = (env: Record<string, string>) => {
  try {
    loadConfig("X_", schema, env);
    return [];
  } catch (error) {
    if (!(error instanceof VivifiedError)) throw error;
    return (error.extra.violations ?? []).map((fault) => fault.pointer).sort();
  }
};

describe("loadConfig", () => {
  it("reads values by type and fills in defaults", () => {
    const config = loadConfig("X_", schema, { ...good, X_DNS_SERVERS: "127.0.0.1:53, 127.0.0.2:53", OTHER: "1" });
    expect(config).toMatchObject({ port: 8080, devMode: false, dnsServers: ["127.0.0.1:53", "127.0.0.2:53"] });
    expect("logLevel" in config).toBe(false);
  });

  it("reports all faults together", () => {
    expect(faultsOf({ X_PORT: "99999999", X_DEV_MODE: "yes", X_TYPO: "1" })).toEqual([
      "X_DEV_MODE",
      "X_NATS_URL",
      "X_PASSWORD",
      "X_PORT",
      "X_TYPO",
    ]);
  });

  it("refuses outside dev mode what only dev mode has, together with everything else", () => {
    expect(faultsOf({ ...good, X_PORT: "0", X_INSECURE_TRUST: "true" })).toEqual(["X_INSECURE_TRUST", "X_PORT"]);
    expect(faultsOf({ ...good, X_INSECURE_TRUST: "false" })).toEqual([]);
    expect(faultsOf({ ...good, X_INSECURE_TRUST: "true", X_DEV_MODE: "true" })).toEqual([]);
  });

  it("keeps secrets out of everything that prints", () => {
    const config = loadConfig("X_", schema, good);
    expect(config.password.reveal()).toBe("hunter2hunter2");
    expect(`${inspect(config)} ${JSON.stringify(config)} ${config.password}`).not.toContain("hunter2");
  });

  it("reads a secret from a file, and says so when it cannot", () => {
    const path = join(mkdtempSync(join(tmpdir(), "config-")), "password");
    writeFileSync(path, "from-a-file\n");
    const { X_PASSWORD: _, ...rest } = good;
    expect(loadConfig("X_", schema, { ...rest, X_PASSWORD_FILE: path }).password.reveal()).toBe("from-a-file");
    expect(faultsOf({ ...rest, X_PASSWORD_FILE: `${path}.absent` })).toEqual(["X_PASSWORD"]);
  });

  it("refuses a number that is not written as one", () => {
    for (const port of ["0x50", "80 ", "8e1", ""]) expect(faultsOf({ ...good, X_PORT: port })).toEqual(["X_PORT"]);
  });
});
