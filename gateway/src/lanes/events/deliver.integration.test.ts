import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { canonicalEventsStream, subscriberConsumerName } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TargetPlugin } from "../../peer/target-plugin.fixtures.ts";
import { until } from "../running-lanes.fixtures.ts";
import {
  ada,
  type EventsWorld,
  eventsDocument,
  eventsPath,
  openEventsWorld,
  received,
  subscriber,
} from "./events-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let world: EventsWorld;

beforeAll(async () => {
  world = await openEventsWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const publish: EventsWorld["publish"] = (...event) => world.publish(...event);

describe("delivering", () => {
  it("decides for each subscriber on its own", async () => {
    const { json, traceId } = await publish("UserCreated", ada);
    await until(() => received(world.reader, json.event_id).length === 1);
    await until(async () => (await world.rulesOf(traceId, "events/deliver")).length >= 2);
    const decisions = (await world.lanes.decisions(traceId)).filter(
      ({ entrypoint }) => entrypoint === "events/deliver",
    );
    expect(decisions.map(({ target, result }) => [target, result.effect]).sort()).toEqual([
      ["blind", "deny"],
      ["reader", "allow"],
    ]);
    expect(received(world.blind, json.event_id)).toEqual([]);
    const [publishing] = await world.lanes.decisions(traceId);
    expect(decisions.every(({ parent_id }) => parent_id === publishing?.decision_id)).toBe(true);
  });

  it("sends a CloudEvent in binary mode with proof of the decision, in the event's trace", async () => {
    const { json, traceId } = await publish("UserCreated", ada);
    const delivery = await until(() => received(world.reader, json.event_id)[0]);
    expect(delivery).toMatchObject({ method: "POST", path: eventsPath, body: JSON.stringify(ada) });
    expect(delivery.headers).toMatchObject({
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-type": "UserCreated",
      "ce-source": "spiffe://vivified.local/plugin/publisher",
      "ce-traceid": traceId,
      "ce-datacategory": "pii",
      "x-caller-plugin": "publisher",
      "x-trace-id": traceId,
    });
    expect(delivery.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    const claims = JSON.parse(
      Buffer.from(String(delivery.headers["x-vivified-token"]).split(".")[1] ?? "", "base64url").toString(),
    );
    expect(claims).toMatchObject({
      sub: "spiffe://vivified.local/plugin/publisher",
      aud: "spiffe://vivified.local/plugin/reader",
      action: "event:UserCreated",
      decision_id: delivery.headers["ce-decisionid"],
    });
    const outcome = await world.lanes.outcome(String(delivery.headers["ce-decisionid"]));
    expect(outcome).toMatchObject({ outcome: "done", status: 200 });
  });

  it("gives every subscriber what it may see of one event", async () => {
    const { json } = await publish("Tick", { n: 1, confidential_note: "x" }, { as: "publisher" });
    await until(
      () => received(world.reader, json.event_id).length === 1 && received(world.blind, json.event_id).length === 1,
    );
    const sawOf = (target: TargetPlugin) => JSON.parse(received(target, json.event_id)[0]?.body ?? "");
    expect(sawOf(world.reader)).toEqual({ n: 1, confidential_note: "x" });
    expect(sawOf(world.blind)).toEqual({ n: 1, confidential_note: "REDACTED" });
  });

  it("does not deliver what was not granted to a subscriber", async () => {
    const { traceId } = await publish("Tick", { n: 2 });
    const denial = await until(async () => {
      const decisions = await world.lanes.decisions(traceId);
      return decisions.find(({ target }) => target === "ungranted");
    });
    expect(denial.result.reasons.map(({ rule }) => rule)).toEqual(["events.subscription_not_granted"]);
  });

  it("delivers again, with the same id and a new decision, until the subscriber takes it", async () => {
    let tries = 0;
    world.reader.answer = ({ headers }) => {
      if (headers["ce-type"] !== "Failing") return {};
      tries += 1;
      return tries < 3 ? { status: 503 } : {};
    };
    const { json, traceId } = await publish("Failing", { n: 1 });
    await until(() => received(world.reader, json.event_id).length === 3);
    world.reader.answer = () => ({});
    const ids = received(world.reader, json.event_id).map(({ headers }) => headers["ce-decisionid"]);
    expect(new Set(ids).size).toBe(3);
    expect(await world.lanes.outcome(String(ids[0]))).toMatchObject({ outcome: "failed", code: "target_failed" });
    expect(await world.lanes.outcome(String(ids[2]))).toMatchObject({ outcome: "done" });
    expect(await world.rulesOf(traceId, "refused")).toEqual([]);
  });

  it("waits for a subscriber that has no ready instance, and counts nothing against it", async () => {
    const { json } = await publish("Later", { n: 1 });
    const consumer = async () => {
      const manager = await jetstreamManager(world.lanes.connection);
      return manager.consumers.info(canonicalEventsStream.name, subscriberConsumerName("late"));
    };
    expect((await consumer()).num_pending).toBe(1);
    const late = await world.lanes.startTarget("late");
    await until(() => received(late, json.event_id).length === 1);
    await until(async () => (await consumer()).num_ack_pending === 0);
    await world.lanes.core.dropNode({ plugin_id: "late", instance: "1" });
  });

  it("reaches a plugin that was approved while running, with what was published since", async () => {
    const plugins = [...eventsDocument().plugins, subscriber("newcomer", ["Tick"])];
    const grants = [
      ...eventsDocument().grants,
      { id: "n", plugin: "newcomer", kind: "subscribe", event_type: "Tick" } as const,
    ];
    await world.lanes.publish(eventsDocument({ plugins, grants }));
    const newcomer = await world.lanes.startTarget("newcomer");
    const { json } = await publish("Tick", { n: 3 });
    await until(() => received(newcomer, json.event_id).length === 1);
    await world.lanes.publish(eventsDocument());
    const manager = await jetstreamManager(world.lanes.connection);
    const names = async () => {
      const found: string[] = [];
      for await (const { name } of manager.consumers.list(canonicalEventsStream.name)) found.push(name);
      return found;
    };
    await until(async () => !(await names()).includes(subscriberConsumerName("newcomer")));
  });

  it("keeps what waits for a plugin in quarantine, and judges it anew afterwards", async () => {
    const quarantined = eventsDocument().plugins.map((each) =>
      each.id === "late" ? { ...each, status: "disabled" as const } : each,
    );
    await world.lanes.publish(eventsDocument({ plugins: quarantined }));
    const late = await world.lanes.startTarget("late");
    const { json } = await publish("Later", { n: 2 });
    const manager = await jetstreamManager(world.lanes.connection);
    const info = await manager.consumers.info(canonicalEventsStream.name, subscriberConsumerName("late"));
    expect([info.num_pending, received(late, json.event_id)]).toEqual([1, []]);
    await world.lanes.publish(eventsDocument());
    await until(() => received(late, json.event_id).length === 1);
  });

  it("puts an event that nobody could have published out of the way, with a record", async () => {
    await jetstream(world.lanes.connection).publish("events.canonical.Tick", "not an event");
    const refusals = await until(async () => {
      const found = (await world.lanes.decisions()).filter(
        ({ result }) => result.reasons[0]?.rule === "events.unreadable",
      );
      return found.length >= 3 ? found : undefined;
    });
    expect(refusals.map(({ target }) => target).sort()).toEqual(["blind", "reader", "ungranted"]);
  });
});
