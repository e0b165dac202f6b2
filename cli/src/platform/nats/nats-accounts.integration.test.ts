import { setTimeout as delay } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { buckets, canonicalEventsStream } from "@vivified/contracts";
import { BucketWatch, createLogger } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NatsWorld, openNatsWorld } from "./nats-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let world: NatsWorld;

beforeAll(async () => {
  world = stack.use(await openNatsWorld());
});
afterAll(() => stack.disposeAsync());

describe("across accounts", () => {
  it.each([
    ["gateway", "core", buckets.snapshot, "current"],
    ["control-plane", "core", buckets.snapshot, "current"],
    ["gateway", "control-plane", buckets.nodes, "hr.1"],
    ["core", "gateway", buckets.signingKeys, "gateway.gateway-1"],
    ["core", "gateway", buckets.policyStatus, "gateway.gateway-1"],
  ] as const)("%s hears at once what %s writes into %s", async (reader, writer, bucket, key) => {
    const told: string[] = [];
    const logger = createLogger({ process: "test", level: "silent" });
    const connection = await world.connect(reader);
    const onEntry = (entry: { string: () => string }) => void told.push(entry.string());
    const follows = bucket === buckets.snapshot ? { bucket, key } : { bucket };
    await using _ = new BucketWatch({ connection, ...follows, onEntry, logger });
    const nats = await world.connect(writer);
    for (const text of ["1", "2", "3"]) {
      await jetstream(nats).publish(`$KV.${bucket}.${key}`, text);
      await expect.poll(() => told.at(-1), { timeout: 1_000 }).toBe(text); // it looks again by itself after five
    }
  });

  it("a gateway makes a consumer of events and pulls several at once, and what comes after it was told to wait", async () => {
    const nats = await world.connect("gateway");
    const [manager, client] = [await jetstreamManager(nats), jetstream(nats)];
    const settings = { durable_name: "subscriber-hr", ack_policy: AckPolicy.Explicit };
    await manager.consumers.add(canonicalEventsStream.name, { ...settings, filter_subjects: ["events.canonical.Hr"] });
    const consumer = await client.consumers.get(canonicalEventsStream.name, "subscriber-hr");
    const pull = async (max_messages: number) => {
      const texts: string[] = [];
      for await (const message of await consumer.fetch({ max_messages, expires: 6_000 })) {
        texts.push(message.string());
        expect(await message.ackAck()).toBe(true);
      }
      return texts;
    };
    for (const text of ["1", "2", "3"]) await client.publish("events.canonical.Hr", text);
    expect(await pull(3)).toEqual(["1", "2", "3"]);
    const later = pull(1);
    await delay(4_000); // the server has said by then that it is still there
    await client.publish("events.canonical.Hr", "4");
    expect(await later).toEqual(["4"]);
  });
});
