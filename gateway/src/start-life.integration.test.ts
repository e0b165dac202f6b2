import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTrail, testProcessKeys } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "./gateway.fixtures.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const records = () => readTrail(gateway.connection, gateway.config.writerId);
const decisions = async () => (await records()).flatMap((record) => (record.kind === "decision" ? [record] : []));

describe("a gateway", () => {
  it("says that it starts, and what it was told, before it listens; and no secret of it", async () => {
    const [started] = await decisions();
    expect(started).toMatchObject({
      ...{ lane: "gateway", entrypoint: "recorded", caller: "gateway", action: "start gateway" },
      result: { effect: "allow", reasons: [{ rule: "gateway.started" }] },
      labels: {
        ...{ writer: gateway.config.writerId, first: "true", "is.DEV_MODE": "true", "is.DIGEST_KEY": "[secret]" },
        "is.POLICY_KEYS": expect.stringMatching(/ sha256:[0-9a-f]{64}$/),
        "is.PROCESS_KEY": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        "is.PROCESS_KEYS": expect.stringMatching(/^test-gateway sha256:[0-9a-f]{64}$/),
        "is.SNAPSHOT_KEY": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      },
    });
    expect(JSON.stringify(started)).not.toContain("a digest key of a test");
  });

  it("does not start with a key that its file does not name", async () => {
    const processKeysFile = join(dirname(gateway.config.processKeysFile), "process-keys-of-others.json");
    await writeFile(processKeysFile, JSON.stringify(testProcessKeys("gateway-of-others")));
    await expect(gateway.startAnother({ processKeysFile })).rejects.toMatchObject({ code: "invalid_config" });
  });

  it("says that it stops, last of all, and at its next start what differs", async () => {
    await gateway.stop();
    const [started, stopped] = await decisions();
    expect(stopped).toMatchObject({
      ...{ action: "stop gateway", labels: { started: started?.decision_id } },
      result: { reasons: [{ rule: "gateway.stopped" }] },
    });
    const outcomes = (await records()).filter(({ kind }) => kind === "outcome");
    expect(outcomes.map(({ decision_id }) => decision_id)).toEqual([started?.decision_id, stopped?.decision_id]);
    await using _again = await gateway.startAnother({ recordTimeoutMs: 1_500 });
    const { labels } = (await decisions()).at(-1) ?? {};
    expect(labels).toMatchObject({
      ...{ previous: started?.decision_id, changed: "RECORD_TIMEOUT_MS" },
      ...{ "was.RECORD_TIMEOUT_MS": "1000", "is.RECORD_TIMEOUT_MS": "1500" },
    });
    expect(labels?.unclean).toBeUndefined();
  });

  it("says that no stop came before where none was recorded", async () => {
    const kept = { instance: "i", decision_id: "d", configuration: {}, running: true };
    await writeFile(join(gateway.config.stateDir, "last-start.json"), JSON.stringify(kept));
    await using _again = await gateway.startAnother({});
    expect((await decisions()).at(-1)?.labels).toMatchObject({ unclean: "true", previous: "d", instance: "i" });
  });

  it("does not start with a snapshot key that is none", async () => {
    const path = join(gateway.config.stateDir, "no-key.pem");
    await writeFile(path, "no key");
    const starting = gateway.startAnother({ snapshotPublicKeyFile: path });
    await expect(starting).rejects.toMatchObject({ code: "invalid_config" });
  });
});
