import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { buckets } from "@vivified/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../telemetry/logger.ts";
import { type BucketEntry, BucketWatch } from "./bucket-watch.ts";
import type { NatsConnection } from "./connect-nats.ts";
import { layWire, startTestNats, type TestNats } from "./nats.fixtures.ts";
import { provisionNats } from "./provision-nats.ts";

const logger = createLogger({ process: "test", level: "silent" });
const bucketName = buckets.nodes;

let stack: AsyncDisposableStack;
let nats: TestNats;
let connection: NatsConnection;
let bucket: KV;
let told: string[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  nats = stack.use(await startTestNats());
  connection = stack.use(await nats.connect());
  await provisionNats(connection);
  bucket = await new Kvm(connection).open(bucketName);
  told = [];
});
afterEach(() => stack.disposeAsync());

const tell = (entry: BucketEntry) => void told.push(`${entry.operation} ${entry.key} ${entry.string()}`);
const follow = (options: Partial<ConstructorParameters<typeof BucketWatch>[0]> = {}) =>
  stack.use(new BucketWatch({ connection, bucket: bucketName, onEntry: tell, logger, ...options }));
const eventually = (read: () => unknown, timeout = 10_000) => expect.poll(read, { timeout });

describe("BucketWatch", () => {
  it("tells what is there, then every change, each once", async () => {
    for (let n = 0; n < 40; n++) await bucket.put(`b.${n % 20}`, `${n}`);
    follow();
    const there = Array.from({ length: 20 }, (_, n) => `PUT b.${n} ${n + 20}`);
    await eventually(() => told.toSorted()).toEqual(there.toSorted());
    await bucket.put("b.0", "new");
    await eventually(() => told.at(-1)).toBe("PUT b.0 new");
    await bucket.delete("b.0");
    await eventually(() => told.at(-1)).toBe("DEL b.0 ");
    await bucket.purge("b.1");
    await eventually(() => told.at(-1)).toBe("PURGE b.1 ");
    expect(told).toHaveLength(23);
  });

  it("follows one key, and hears of no other", async () => {
    follow({ key: "current" });
    await bucket.put("current", "1");
    await eventually(() => told).toEqual(["PUT current 1"]);
    await bucket.put("other", "1");
    await bucket.put("current", "2");
    await eventually(() => told).toEqual(["PUT current 1", "PUT current 2"]);
  });

  it("ends at what is there, however fast it is written", async () => {
    follow();
    for (let n = 0; n < 500; n++) await bucket.put(`k.${n % 3}`, `${n}`);
    const last = () => Object.fromEntries(told.map((line) => line.split(" ").slice(1)));
    await eventually(last).toEqual({ "k.0": "498", "k.1": "499", "k.2": "497" });
  });

  it("tells of a change at once, and not when it looks again", async () => {
    follow();
    for (let n = 0; n < 4; n++) {
      await bucket.put("a", `${n}`);
      await eventually(() => told.at(-1), 1_000).toBe(`PUT a ${n}`);
    }
  });

  it("believes the stream, not what is said on its subjects", async () => {
    follow();
    await bucket.put("a", "1");
    await eventually(() => told).toEqual(["PUT a 1"]);
    const refused = jetstream(connection).publish(`$KV.${bucketName}.a`, "forged", { expect: { lastSequence: 77 } });
    await expect(refused).rejects.toThrow("wrong last sequence");
    await bucket.put("b", "2");
    await eventually(() => told).toEqual(["PUT a 1", "PUT b 2"]);
  });

  it("finds what it did not hear of: what was written while it was away, and what is gone", async () => {
    await bucket.put("gone", "1");
    await bucket.put("stays", "1");
    follow();
    await eventually(() => told).toHaveLength(2);
    await nats.kill();
    await nats.start();
    await using other = await nats.connect("other");
    const manager = await jetstreamManager(other);
    await manager.streams.purge(`KV_${bucketName}`, { filter: `$KV.${bucketName}.gone` });
    await (await new Kvm(other).open(bucketName)).put("later", "1");
    await eventually(() => told, 20_000).toEqual(["PUT gone 1", "PUT stays 1", "PUT later 1", "DEL gone "]);
  });

  it("looks at once when it is back", async () => {
    const wire = stack.use(await layWire(nats.port));
    const away = stack.use(await nats.connect("away", wire.port));
    await bucket.put("gone", "1");
    follow({ connection: away });
    await eventually(() => told).toEqual(["PUT gone 1"]);
    await bucket.put("heard", "1"); // it looks again five seconds from here
    await eventually(() => told).toHaveLength(2);
    wire.cut();
    await (await jetstreamManager(connection)).streams.purge(`KV_${bucketName}`, { filter: `$KV.${bucketName}.gone` });
    wire.mend();
    await eventually(() => told.at(-1), 3_000).toBe("DEL gone ");
  });

  it("finds within seconds what nothing was said of", async () => {
    await bucket.put("gone", "1");
    follow();
    await eventually(() => told).toHaveLength(1);
    const manager = await jetstreamManager(connection);
    const { seq = 0 } = (await manager.streams.getMessage(`KV_${bucketName}`, { last_by_subj: ">" })) ?? {};
    await manager.streams.deleteMessage(`KV_${bucketName}`, seq);
    await eventually(() => told, 20_000).toEqual(["PUT gone 1", "DEL gone "]);
  });

  it("tells everything again of a bucket that was made anew", async () => {
    await bucket.put("a", "1");
    follow();
    await eventually(() => told).toEqual(["PUT a 1"]);
    await (await jetstreamManager(connection)).streams.delete(`KV_${bucketName}`);
    await provisionNats(connection);
    await (await new Kvm(connection).open(bucketName)).put("a", "anew");
    await eventually(() => told.at(-1), 20_000).toBe("PUT a anew");
  });

  it("leaves out what is no key, and goes on", async () => {
    await jetstream(connection).publish(`$KV.${bucketName}.no@key`, "1");
    follow();
    await jetstream(connection).publish(`$KV.${bucketName}.none@either`, "1");
    await bucket.put("good", "1");
    await eventually(() => told).toEqual(["PUT good 1"]);
  });

  it("hears of everything that several writers say at once", async () => {
    follow();
    const write = async (writer: number) => {
      for (let n = 0; n < 40; n++) await bucket.put(`by.${writer}`, `${n}`);
    };
    for (let round = 0; round < 5; round++) {
      await Promise.all([0, 1, 2, 3, 4].map(write));
      const last = () => Object.fromEntries(told.map((line) => line.split(" ").slice(1)));
      const all = Object.fromEntries([0, 1, 2, 3, 4].map((writer) => [`by.${writer}`, "39"]));
      await eventually(last, 1_000).toEqual(all);
      told.length = 0;
    }
  });

  it("goes on behind an entry that nobody could take", async () => {
    follow({
      onEntry: (entry) => {
        tell(entry);
        if (entry.key === "bad") throw new Error("bad");
      },
    });
    await bucket.put("bad", "1");
    await bucket.put("good", "1");
    await eventually(() => told).toEqual(["PUT bad 1", "PUT good 1"]);
  });

  it("has no consumer, and reads nothing while nothing changes", async () => {
    for (let n = 0; n < 50; n++) await bucket.put(`k.${n}`, "1");
    let asked = 0;
    const counted = connection.subscribe(`$JS.API.STREAM.MSG.GET.KV_${bucketName}`, { callback: () => void asked++ });
    follow();
    await eventually(() => told).toHaveLength(50);
    await eventually(() => asked).toBe(50);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(asked).toBe(50);
    counted.unsubscribe();
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(`KV_${bucketName}`)).state.consumer_count).toBe(0);
  });
});
