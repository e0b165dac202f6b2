import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { canonicalEventsStream, subscriberConsumerName } from "@vivified/contracts";
import { type NatsConnection, provisionNats, systemClock } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteSubscriberConsumer, listSubscriberConsumers, openSubscriberConsumer } from "./subscriber-consumer.ts";

const stack = new AsyncDisposableStack();
let connection: NatsConnection;
let manager: JetStreamManager;

beforeAll(async () => {
  const nats = stack.use(await startTestNats());
  connection = stack.use(await nats.connect());
  await provisionNats(connection);
  manager = await jetstreamManager(connection);
});

afterAll(() => stack.disposeAsync());

const open = (revision: number, ...eventTypes: string[]) =>
  openSubscriberConsumer({ pluginId: "hr", eventTypes, revision }, { connection, clock: systemClock });

async function subjects(): Promise<readonly string[] | undefined> {
  const { config } = await manager.consumers.info(canonicalEventsStream.name, subscriberConsumerName("hr"));
  return config.filter_subjects;
}

describe("a subscriber's consumer, looked after by several gateways", () => {
  it("is what the newest snapshot says, however late an older one arrives", async () => {
    await open(5, "UserCreated");
    await open(7, "UserCreated", "EmailSent");
    await open(6, "UserCreated");
    expect(await subjects()).toEqual(["events.canonical.EmailSent", "events.canonical.UserCreated"]);
  });

  it("is not deleted by a gateway that has not heard of it yet", async () => {
    await deleteSubscriberConsumer({ pluginId: "hr", revision: 6 }, connection);
    expect(await listSubscriberConsumers(connection)).toEqual(["hr"]);
  });

  it("is deleted once a newer snapshot has forgotten the subscriber", async () => {
    await deleteSubscriberConsumer({ pluginId: "hr", revision: 8 }, connection);
    expect(await listSubscriberConsumers(connection)).toEqual([]);
  });
});
