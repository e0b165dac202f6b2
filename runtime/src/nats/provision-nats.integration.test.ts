import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { headers } from "@nats-io/nats-core";
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
    for (const name of Object.values(buckets).filter((one) => one !== buckets.subjectKeys)) {
      const bucket = await new Kvm(connection).open(name);
      const revision = await bucket.create("key", "first");
      await bucket.update("key", "second", revision);
      await expect(bucket.update("key", "third", revision)).rejects.toThrow();
      await expect(bucket.create("key", "again")).rejects.toThrow();
    }
  });

  it("makes the bucket of data subjects' keys so that none is written over, and an erased one can be made again", async () => {
    const bucket = await new Kvm(connection).open(buckets.subjectKeys);
    const sequence = await bucket.create("person", "the key");
    const subject = `$KV.${buckets.subjectKeys}.person`;
    const rollup = headers();
    rollup.set("Nats-Rollup", "sub");
    await expect(bucket.put("person", "another")).rejects.toThrow();
    await expect(bucket.update("person", "another", sequence)).rejects.toThrow();
    await expect(bucket.delete("person")).rejects.toThrow();
    await expect(bucket.purge("person")).rejects.toThrow();
    await expect(jetstream(connection).publish(subject, "", { headers: rollup })).rejects.toThrow();
    const manager = await jetstreamManager(connection);
    await expect(manager.streams.purge(`KV_${buckets.subjectKeys}`)).rejects.toThrow();
    await provisionNats(connection);
    expect((await bucket.get("person"))?.string()).toBe("the key");
    await manager.streams.deleteMessage(`KV_${buckets.subjectKeys}`, sequence);
    expect(await bucket.get("person")).toBeNull();
    await bucket.create("person", "a new key");
  });
});

describe("entries that gateways write", () => {
  it("hold no more headers than a reader has time for", async () => {
    for (const bucket of [buckets.signingKeys, buckets.subjectKeys]) {
      const many = headers();
      for (let n = 0; n < 4_000; n++) many.append(n.toString(36), "");
      const publishing = jetstream(connection).publish(`$KV.${bucket}.many`, "{}", { headers: many });
      await expect(publishing).rejects.toThrow("message size exceeds maximum");
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
