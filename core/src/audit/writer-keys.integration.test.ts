import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConnection } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { BlockWriter, decisionOf } from "./block.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  ({ ground, core, nats, token } = stack.use(await openCoreSuite()));
});
afterAll(() => stack.disposeAsync());

const newest = async (rule: string) => {
  const [row] = (await core.ask(`GET /admin/decisions?rule=${rule}&limit=1`, { token })).body.decisions;
  return (await core.ask(`GET /admin/decisions/${row?.decision_id}`, { token })).body;
};

describe("core", () => {
  it("says at its start by which keys blocks count", async () => {
    const { labels } = await newest("core.started");
    expect(labels).toMatchObject({
      "is.PROCESS_KEY": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      "is.PROCESS_KEYS": expect.stringMatching(/^control-plane sha256:[0-9a-f]{64},core sha256:[0-9a-f]{64}$/),
    });
  });

  it("records that another key counts, and then takes blocks by it", async () => {
    const decision = decisionOf();
    await new BlockWriter(nats, "gateway-new-0").write([decision]);
    await eventually(
      async () => (await core.ask(`GET /admin/decisions/${decision.decision_id}`, { token })).status,
    ).toBe(200);
    const { labels } = await newest("audit.process_keys_changed");
    expect([labels.was, labels.is].map((keys: string) => keys.includes("gateway-new "))).toEqual([false, true]);
  });

  it("does not start with a key that its file does not name", async () => {
    const file = join(ground.directory, "stranger.pem");
    const stranger = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    await writeFile(file, stranger, { mode: 0o600 });
    const starting = TestCore.start(ground, { VIVIFIED_CORE_PROCESS_KEY_FILE: file });
    await expect(starting).rejects.toMatchObject({ code: "invalid_config" });
  });
});
