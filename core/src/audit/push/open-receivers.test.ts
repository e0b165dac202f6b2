import { describe, expect, it } from "vitest";
import { openReceivers } from "./open-receivers.ts";

const limits = { auditPushOpaMaxBytes: 32_768, auditPushOtlpMaxBytes: 1_048_576 };
const times = { auditPushTimeoutMs: 1_000, auditPushMaxDelayMs: 1_000 };

async function named(settings: object, devMode = false): Promise<readonly string[]> {
  await using stack = new AsyncDisposableStack();
  return (await openReceivers({ devMode, ...limits, ...times, ...settings }, stack)).map(({ name }) => name);
}

describe("receivers of the audit log", () => {
  it("are none unless an address is set", async () => {
    expect(await named({})).toEqual([]);
  });

  it("are known by their address without its query", async () => {
    const addresses = { auditPushOpaUrl: "https://a.example/v1/?tenant=7", auditPushOtlpUrl: "https://b.example:4318" };
    expect(await named(addresses)).toEqual(["opa https://a.example/v1/logs", "otlp https://b.example:4318/v1/logs"]);
  });

  it("get records over https alone, unless in dev mode", async () => {
    const settings = { auditPushOpaUrl: "http://a.example" };
    await expect(named(settings)).rejects.toMatchObject({
      code: "invalid_config",
      detail: /AUDIT_PUSH_OPA_URL.*https/,
    });
    expect(await named(settings, true)).toHaveLength(1);
  });
});
