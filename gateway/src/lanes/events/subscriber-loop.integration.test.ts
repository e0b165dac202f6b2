import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { canonicalEventsStream, type EventEnvelope, type SpiffeId, subscriberConsumerName } from "@vivified/contracts";
import { createLogger, type NatsConnection, provisionNats, systemClock } from "@vivified/runtime";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PluginReply, PluginRequest } from "../../peer/plugin-client.ts";
import { deriveFieldKeys } from "../../pep/field-keys.ts";
import { compileSnapshot } from "../../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import type { DeliverLaneDeps } from "./deliver-lane.ts";
import { ackWaitMs, openSubscriberConsumer } from "./subscriber-consumer.ts";
import { SubscriberLoop } from "./subscriber-loop.ts";

const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let nats: TestNats;
let connection: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await startTestNats());
  connection = stack.use(await nats.connect());
  await provisionNats(connection);
});
afterAll(() => stack.disposeAsync());

const reader = snapshotPlugin("reader", { subscribes: ["Tick"], events_path: "/events" });
const event: EventEnvelope = {
  event_id: "01a1fc1c-199e-74d7-bd82-5f174d208785",
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  event_type: "Tick",
  timestamp: "2026-11-21T00:00:00.000Z",
  source_plugin: "publisher",
  source: "spiffe://vivified.local/plugin/publisher" as SpiffeId,
  data_traits: [],
  payload: { n: 1 },
  metadata: {},
  decision_id: "d-publish",
};

/** A loop of `reader`'s whose policy allows everything; `send` is what its plugin does. */
async function startLoop(
  send: (request: PluginRequest) => Promise<PluginReply>,
  recordRefusal = async () => {},
): Promise<SubscriberLoop> {
  const snapshot = compileSnapshot(snapshotDocument({ plugins: [reader] }), 1);
  const deps: DeliverLaneDeps = {
    snapshot: () => snapshot,
    clock: systemClock,
    logger,
    fieldKeys: deriveFieldKeys("test"),
    newId: () => "r-1",
    revision: () => "rev",
    decide: async ({ entrypoint }) => {
      const decision = { id: "d", entrypoint, revision: "rev", effect: "allow", reasons: [], obligations: [] } as const;
      return { decision, input: {}, snapshot: 1 };
    },
    record: async () => undefined,
    recordRefusal,
    recordOutcome: () => undefined,
    plugins: { reachable: () => true, send },
    callTokens: { sign: async () => "token" },
    deliveryTimeoutMs: 1_000,
    retry: { firstDelayMs: 100, maxDelayMs: 1_000, attempts: 3, random: () => 1 },
  };
  const open = () =>
    openSubscriberConsumer(
      { pluginId: "reader", eventTypes: ["Tick"], revision: 1 },
      { connection, clock: systemClock },
    );
  return new SubscriberLoop({ subscriberId: "reader", consumer: await open(), open, deps, logger });
}

describe("the loop of a subscriber", () => {
  it("gives back what is on its way when it stops, instead of leaving it to time out", async () => {
    const begun = Promise.withResolvers<void>();
    const leaving = await startLoop(() => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    await jetstream(connection).publish("events.canonical.Tick", JSON.stringify(event));
    await begun.promise;
    await leaving[Symbol.asyncDispose]();
    const stoppedMs = performance.now();
    const taken = Promise.withResolvers<string>();
    await using _ = await startLoop(async ({ body = "" }) => {
      taken.resolve(body);
      return { status: 200, headers: {}, body: "" };
    });
    expect(await taken.promise).toBe('{"n":1}');
    expect(performance.now() - stoppedMs).toBeLessThan(ackWaitMs / 3);
  });

  it("does not try again what it has recorded as a dead letter, although the stream did not hear of it", async () => {
    const { streams, consumers } = await jetstreamManager(connection);
    const { name } = canonicalEventsStream;
    await streams.purge(name);
    const tried: string[] = [];
    const recorded: string[] = [];
    const send = async ({ path }: PluginRequest) => {
      tried.push(path);
      return { status: 500, headers: {}, body: "" };
    };
    await using _ = await startLoop(send, async () => {
      recorded.push("dead letter");
      if (recorded.length === 1) await consumers.delete(name, subscriberConsumerName("reader")); // hears of no end
    });
    const { seq } = await jetstream(connection).publish("events.canonical.Tick", JSON.stringify(event));
    await expect.poll(() => recorded.length, { timeout: 10_000 }).toBe(1);
    const anew = async () => {
      const found = await consumers.info(name, subscriberConsumerName("reader")).catch(() => undefined);
      return [found?.delivered.stream_seq, found?.num_ack_pending];
    };
    await expect.poll(anew, { timeout: 30_000 }).toEqual([seq, 0]);
    expect([tried.length, recorded.length]).toEqual([3, 1]);
  }, 60_000);
});
