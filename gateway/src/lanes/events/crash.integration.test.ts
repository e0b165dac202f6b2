import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../running-lanes.fixtures.ts";
import { type EventsWorld, openEventsWorld, received } from "./events-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let world: EventsWorld;

beforeAll(async () => {
  world = await openEventsWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const publish: EventsWorld["publish"] = (...event) => world.publish(...event);

describe("crashes", () => {
  it("refuses to publish while the event store is away, and recovers by itself", async () => {
    await world.lanes.nats.kill();
    const { status, json } = await publish("Tick", { n: 4 });
    await world.lanes.nats.start();
    expect([status, json.retryable]).toEqual([503, true]);
    const again = await until(async () => {
      const answer = await publish("Tick", { n: 5 });
      return answer.status === 200 ? answer : undefined;
    }, 40_000);
    await until(() => received(world.reader, again.json.event_id).length === 1, 40_000);
  }, 90_000);

  it("loses no event that it took when the event store is killed in the middle of many", async () => {
    const publishing = Array.from({ length: 150 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 5));
      return publish("Tick", { n });
    });
    await until(() => world.reader.received.some(({ body }) => body === '{"n":60}'));
    await world.lanes.nats.kill();
    await world.lanes.nats.start();
    const answers = await Promise.all(publishing);
    const taken = answers.filter(({ status }) => status === 200).map(({ json }) => String(json.event_id));
    expect(taken.length).toBeGreaterThan(60);
    expect(answers.every(({ status }) => [200, 503].includes(status))).toBe(true);
    await until(() => taken.every((id) => received(world.reader, id).length > 0), 60_000);
  }, 120_000);

  it("gives an event that was on its way when the gateway stopped to the next one", async () => {
    const before = world.reader.received.length;
    world.reader.answer = ({ headers }) => (headers["ce-type"] === "Slow" ? { delayMs: 20_000 } : {});
    const { json } = await publish("Slow", { n: 1 });
    await until(() => world.reader.received.length > before);
    await world.lanes.stop();
    world.reader.answer = () => ({});
    stack.use(await world.lanes.startAnother({ writerId: "second" }));
    await until(() => received(world.reader, json.event_id).length === 2, 25_000);
    const [first, second] = received(world.reader, json.event_id);
    expect(second?.body).toBe(first?.body);
  }, 90_000);
});
