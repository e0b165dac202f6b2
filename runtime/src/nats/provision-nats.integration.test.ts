import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { auditEventsStream, buckets, canonicalEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NatsConnection } from "./connect-nats.ts";
import { startTestNats, type TestNats } from "./nats-server.fixtures.ts";
import { provisionNats } from "./provision-nats.ts";

const stack = new AsyncDisposableStack();
let nats: TestNats;
let connection: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await startTestNats());
  connection = stack.use(await nats.connect());
  await provisionNats(connection);
});

afterAll(() => stack.disposeAsync());

describe("provisionNats", () => {
  it("makes streams that refuse new messages when they are full", async () => {
    const manager = await jetstreamManager(connection);
    const { config } = await manager.streams.info(canonicalEventsStream.name);
    expect(config).toMatchObject({
      discard: "new",
      storage: "file",
      max_msgs: 1_000_000,
      max_bytes: 1024 ** 3,
      retention: "limits",
    });
    const audit = await manager.streams.info(auditEventsStream.name);
    expect(audit.config).toMatchObject({ discard: "new", max_msgs: -1, subjects: ["audit.>"] });
  });

  it("can be run again without losing anything", async () => {
    await jetstream(connection).publish("audit.blocks.test", "kept");
    await provisionNats(connection);
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(auditEventsStream.name)).state.messages).toBe(1);
  });

  it("makes every bucket, with compare-and-set", async () => {
    for (const name of Object.values(buckets)) {
      const bucket = await new Kvm(connection).open(name);
      const revision = await bucket.create("key", "first");
      await bucket.update("key", "second", revision);
      await expect(bucket.update("key", "third", revision)).rejects.toThrow();
      await expect(bucket.create("key", "again")).rejects.toThrow();
    }
  });
});

describe("connectNats", () => {
  it("comes back by itself after the server was killed, with what was stored", async () => {
    await nats.kill();
    await expect(jetstream(connection).publish("audit.blocks.test", "lost", { timeout: 500 })).rejects.toThrow();
    await nats.start();
    await expect.poll(() => publishes("audit.blocks.test"), { timeout: 10_000 }).toBe(true);
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(auditEventsStream.name)).state.messages).toBeGreaterThanOrEqual(2);
  });
});

async function publishes(subject: string): Promise<boolean> {
  return jetstream(connection)
    .publish(subject, "after", { timeout: 500 })
    .then(
      () => true,
      () => false,
    );
}
