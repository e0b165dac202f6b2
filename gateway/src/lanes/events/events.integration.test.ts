import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import {
  canonicalEventsStream,
  type EventEnvelope,
  type SnapshotDocument,
  type SnapshotPlugin,
  subscriberConsumerName,
} from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TargetPlugin } from "../../peer/target-plugin.fixtures.ts";
import { snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { laneDocument, type RunningLanes, runLanes, until } from "../running-lanes.fixtures.ts";

const stack = new AsyncDisposableStack();
let lanes: RunningLanes;
let reader: TargetPlugin;
let blind: TargetPlugin;

const events = "/events/vivified";
const subscriber = (id: string, subscribes: string[], parts: Partial<SnapshotPlugin> = {}) =>
  snapshotPlugin(id, { subscribes, events_path: events, ...parts });

const userCreated = {
  type: "UserCreated",
  schema: {
    type: "object",
    properties: {
      user_id: { type: "string" },
      email: { type: "string", format: "email", "x-vivified-traits": ["pii"] },
      age: { type: "integer", minimum: 0 },
    },
    required: ["user_id", "email"],
    additionalProperties: false,
  },
};

function world(parts: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const granted = (plugin: string, kind: "publish" | "subscribe", event_type: string) =>
    ({ id: `${plugin}-${kind}-${event_type}`, plugin, kind, event_type }) as const;
  const types = ["UserCreated", "Tick", "PatientDataUpdated", "Slow", "Failing", "Later"];
  return laneDocument({
    plugins: [
      snapshotPlugin("publisher", { traits: ["handles_pii"] }),
      snapshotPlugin("untraited"),
      snapshotPlugin("waiting", { status: "registered" }),
      subscriber("reader", ["UserCreated", "Tick", "Slow", "Failing"], { traits: ["handles_pii"] }),
      subscriber("blind", ["UserCreated", "Tick"]),
      subscriber("ungranted", ["Tick"]),
      subscriber("late", ["Later"]),
    ],
    grants: [
      ...types.map((type) => granted("publisher", "publish", type)),
      granted("untraited", "publish", "UserCreated"),
      granted("untraited", "publish", "Tick"),
      ...["UserCreated", "Tick", "Slow", "Failing"].map((type) => granted("reader", "subscribe", type)),
      ...["UserCreated", "Tick"].map((type) => granted("blind", "subscribe", type)),
      granted("late", "subscribe", "Later"),
    ],
    event_types: [userCreated, ...types.slice(1).map((type) => ({ type }))],
    ...parts,
  });
}

beforeAll(async () => {
  lanes = stack.use(await runLanes(world()));
  reader = await lanes.startTarget("reader");
  blind = await lanes.startTarget("blind");
  await lanes.startTarget("ungranted");
}, 180_000);

afterAll(() => stack.disposeAsync());

type Publishing = { readonly as?: string; readonly headers?: Record<string, string>; readonly more?: object };

function publish(event_type: string, payload: object, { as = "publisher", headers, more }: Publishing = {}) {
  return lanes.post(as, "/events/publish", { event_type, payload, source_plugin: as, ...more }, headers);
}

const received = (target: TargetPlugin, eventId: string) =>
  target.received.filter(({ headers }) => headers["ce-id"] === eventId);

const rulesOf = async (traceId: string, entrypoint?: string) =>
  (await lanes.decisions(traceId))
    .filter((record) => entrypoint === undefined || record.entrypoint === entrypoint)
    .flatMap(({ result }) => result.reasons.map(({ rule }) => rule));

async function stored(eventId: string): Promise<EventEnvelope | undefined> {
  const manager = await jetstreamManager(lanes.connection);
  const { state } = await manager.streams.info(canonicalEventsStream.name);
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(canonicalEventsStream.name, { seq });
    const event = message?.json<EventEnvelope>();
    if (event?.event_id === eventId) return event;
  }
  return undefined;
}

const ada = { user_id: "u-1", email: "ada@example.org" };

describe("publishing", () => {
  it("stores the event with the gateway's own word for source, time, traits and decision", async () => {
    const more = { data_traits: ["audit_required"], metadata: { batch: "7" } };
    const { status, json, traceId } = await publish("UserCreated", ada, { more });
    expect([status, Object.keys(json)]).toEqual([200, ["event_id"]]);
    const [decision] = await lanes.decisions(traceId);
    expect(await stored(json.event_id)).toMatchObject({
      trace_id: traceId,
      event_type: "UserCreated",
      source_plugin: "publisher",
      source: "spiffe://vivified.local/plugin/publisher",
      data_traits: ["audit_required", "pii"],
      payload: ada,
      metadata: { batch: "7" },
      decision_id: decision?.decision_id,
    });
    expect(await lanes.outcome(decision?.decision_id ?? "")).toMatchObject({ outcome: "done" });
  });

  it("makes one event of repeated requests with one idempotency key, and different ones for different publishers", async () => {
    const headers = { "idempotency-key": "order-1" };
    const first = await publish("Tick", { n: 1 }, { headers });
    const second = await publish("Tick", { n: 1 }, { headers });
    const other = await publish("Tick", { n: 1 }, { headers, as: "untraited" });
    expect(second.json.event_id).toBe(first.json.event_id);
    expect(other.json.event_id).not.toBe(first.json.event_id);
    expect(first.json.event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await until(() => received(reader, first.json.event_id).length > 0);
    expect(received(reader, first.json.event_id)).toHaveLength(1);
  });

  it.each([
    ["an event of somebody else", "publisher", "Tick", {}, { source_plugin: "reader" }, 403, "events.source_forged"],
    ["an event type that is not registered", "publisher", "Nothing", {}, {}, 403, "events.unknown_type"],
    ["an event type that is not granted", "reader", "Tick", {}, {}, 403, "events.publish_not_granted"],
    [
      "personal data of a plugin that may not handle it",
      "untraited",
      "UserCreated",
      ada,
      {},
      403,
      "events.publisher_trait",
    ],
    [
      "health data of a plugin that may not handle it",
      "publisher",
      "PatientDataUpdated",
      { diagnosis: "x" },
      {},
      403,
      "events.publisher_trait",
    ],
    [
      "health data by the publisher's own word",
      "publisher",
      "Tick",
      {},
      { data_traits: ["phi"] },
      403,
      "events.publisher_trait",
    ],
    [
      "a payload that breaks its schema",
      "publisher",
      "UserCreated",
      { user_id: 7, age: -1, more: 1 },
      {},
      422,
      "events.schema",
    ],
    ["events of a plugin that waits for approval", "waiting", "Tick", {}, {}, 403, "peer.not_approved"],
    ["events of nobody", "nobody", "Tick", {}, {}, 403, "peer.unknown"],
  ])("refuses %s, and says so in the record", async (_what, as, type, payload, more, status, rule) => {
    const manager = await jetstreamManager(lanes.connection);
    const before = (await manager.streams.info(canonicalEventsStream.name)).state.last_seq;
    const answer = await publish(type, payload, { as, more });
    expect([answer.status, await rulesOf(answer.traceId)]).toEqual([status, [rule]]);
    expect(answer.json.decision_id).toBe((await lanes.decisions(answer.traceId))[0]?.decision_id);
    expect((await manager.streams.info(canonicalEventsStream.name)).state.last_seq).toBe(before);
  });

  it("tells every violation of the schema together", async () => {
    const { json } = await publish("UserCreated", { user_id: 7, email: "no", more: 1 });
    const pointers = json.violations.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.sort()).toEqual(["", "/email", "/user_id"]);
  });

  it.each([
    [{ event_type: "no.Name" }, 422, "invalid"],
    [{ event_type: "Tick.>" }, 422, "invalid"],
    [{ payload: [] }, 422, "invalid"],
    [{ payload: { "*": 1 } }, 400, "malformed"],
    [{ trace_id: "short" }, 422, "invalid"],
    [{ data_traits: ["pii\r\nx-caller-plugin: core"] }, 400, "malformed"],
    [{ unknown: 1 }, 422, "invalid"],
  ])("refuses a request with %j", async (more, status, code) => {
    const answer = await publish("Tick", {}, { more });
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it("refuses an idempotency key that is none", async () => {
    const headers = { "idempotency-key": "x".repeat(201) };
    expect((await publish("Tick", {}, { headers })).json.code).toBe("malformed");
  });
});

describe("delivering", () => {
  it("decides for each subscriber on its own", async () => {
    const { json, traceId } = await publish("UserCreated", ada);
    await until(() => received(reader, json.event_id).length === 1);
    await until(async () => (await rulesOf(traceId, "events/deliver")).length >= 2);
    const decisions = (await lanes.decisions(traceId)).filter(({ entrypoint }) => entrypoint === "events/deliver");
    expect(decisions.map(({ target, result }) => [target, result.effect]).sort()).toEqual([
      ["blind", "deny"],
      ["reader", "allow"],
    ]);
    expect(received(blind, json.event_id)).toEqual([]);
    const [publishing] = await lanes.decisions(traceId);
    expect(decisions.every(({ parent_id }) => parent_id === publishing?.decision_id)).toBe(true);
  });

  it("sends a CloudEvent in binary mode with proof of the decision, in the event's trace", async () => {
    const { json, traceId } = await publish("UserCreated", ada);
    const delivery = await until(() => received(reader, json.event_id)[0]);
    expect(delivery).toMatchObject({ method: "POST", path: events, body: JSON.stringify(ada) });
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
    const outcome = await lanes.outcome(String(delivery.headers["ce-decisionid"]));
    expect(outcome).toMatchObject({ outcome: "done", status: 200 });
  });

  it("gives every subscriber what it may see of one event", async () => {
    const { json } = await publish("Tick", { n: 1, confidential_note: "x" }, { as: "publisher" });
    await until(() => received(reader, json.event_id).length === 1 && received(blind, json.event_id).length === 1);
    expect(JSON.parse(received(blind, json.event_id)[0]?.body ?? "")).toMatchObject({ n: 1 });
  });

  it("does not deliver what was not granted to a subscriber", async () => {
    const { traceId } = await publish("Tick", { n: 2 });
    const denial = await until(async () => {
      const decisions = await lanes.decisions(traceId);
      return decisions.find(({ target }) => target === "ungranted");
    });
    expect(denial.result.reasons.map(({ rule }) => rule)).toEqual(["events.subscription_not_granted"]);
  });

  it("delivers again, with the same id and a new decision, until the subscriber takes it", async () => {
    let tries = 0;
    reader.answer = ({ headers }) => {
      if (headers["ce-type"] !== "Failing") return {};
      tries += 1;
      return tries < 3 ? { status: 503 } : {};
    };
    const { json, traceId } = await publish("Failing", { n: 1 });
    await until(() => received(reader, json.event_id).length === 3);
    reader.answer = () => ({});
    const ids = received(reader, json.event_id).map(({ headers }) => headers["ce-decisionid"]);
    expect(new Set(ids).size).toBe(3);
    expect(await lanes.outcome(String(ids[0]))).toMatchObject({ outcome: "failed", code: "target_failed" });
    expect(await lanes.outcome(String(ids[2]))).toMatchObject({ outcome: "done" });
    expect(await rulesOf(traceId, "refused")).toEqual([]);
  });

  it("waits for a subscriber that has no ready instance, and counts nothing against it", async () => {
    const { json } = await publish("Later", { n: 1 });
    const consumer = async () => {
      const manager = await jetstreamManager(lanes.connection);
      return manager.consumers.info(canonicalEventsStream.name, subscriberConsumerName("late"));
    };
    expect((await consumer()).num_pending).toBe(1);
    const late = await lanes.startTarget("late");
    await until(() => received(late, json.event_id).length === 1);
    await until(async () => (await consumer()).num_ack_pending === 0);
    await lanes.core.dropNode({ plugin_id: "late", instance: "1" });
  });

  it("reaches a plugin that was approved while running, with what was published since", async () => {
    const plugins = [...world().plugins, subscriber("newcomer", ["Tick"])];
    const grants = [...world().grants, { id: "n", plugin: "newcomer", kind: "subscribe", event_type: "Tick" } as const];
    await lanes.publish(world({ plugins, grants }));
    const newcomer = await lanes.startTarget("newcomer");
    const { json } = await publish("Tick", { n: 3 });
    await until(() => received(newcomer, json.event_id).length === 1);
    await lanes.publish(world());
    const manager = await jetstreamManager(lanes.connection);
    const names = async () => {
      const found: string[] = [];
      for await (const { name } of manager.consumers.list(canonicalEventsStream.name)) found.push(name);
      return found;
    };
    await until(async () => !(await names()).includes(subscriberConsumerName("newcomer")));
  });

  it("keeps what waits for a plugin in quarantine, and judges it anew afterwards", async () => {
    const quarantined = world().plugins.map((each) =>
      each.id === "late" ? { ...each, status: "disabled" as const } : each,
    );
    await lanes.publish(world({ plugins: quarantined }));
    const late = await lanes.startTarget("late");
    const { json } = await publish("Later", { n: 2 });
    const manager = await jetstreamManager(lanes.connection);
    const info = await manager.consumers.info(canonicalEventsStream.name, subscriberConsumerName("late"));
    expect([info.num_pending, received(late, json.event_id)]).toEqual([1, []]);
    await lanes.publish(world());
    await until(() => received(late, json.event_id).length === 1);
  });

  it("puts an event that nobody could have published out of the way, with a record", async () => {
    await jetstream(lanes.connection).publish("events.canonical.Tick", "not an event");
    const refusals = await until(async () => {
      const found = (await lanes.decisions()).filter(({ result }) => result.reasons[0]?.rule === "events.unreadable");
      return found.length >= 3 ? found : undefined;
    });
    expect(refusals.map(({ target }) => target).sort()).toEqual(["blind", "reader", "ungranted"]);
  });
});

describe("crashes", () => {
  it("refuses to publish while the event store is away, and recovers by itself", async () => {
    await lanes.nats.kill();
    const { status, json } = await publish("Tick", { n: 4 });
    await lanes.nats.start();
    expect([status, json.retryable]).toEqual([503, true]);
    const again = await until(async () => {
      const answer = await publish("Tick", { n: 5 });
      return answer.status === 200 ? answer : undefined;
    }, 40_000);
    await until(() => received(reader, again.json.event_id).length === 1, 40_000);
  }, 90_000);

  it("loses no event that it took when the event store is killed in the middle of many", async () => {
    const publishing = Array.from({ length: 150 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 5));
      return publish("Tick", { n });
    });
    await until(() => reader.received.some(({ body }) => body === '{"n":60}'));
    await lanes.nats.kill();
    await lanes.nats.start();
    const answers = await Promise.all(publishing);
    const taken = answers.filter(({ status }) => status === 200).map(({ json }) => String(json.event_id));
    expect(taken.length).toBeGreaterThan(60);
    expect(answers.every(({ status }) => [200, 503].includes(status))).toBe(true);
    await until(() => taken.every((id) => received(reader, id).length > 0), 60_000);
  }, 120_000);

  it("gives an event that was on its way when the gateway stopped to the next one", async () => {
    const before = reader.received.length;
    reader.answer = ({ headers }) => (headers["ce-type"] === "Slow" ? { delayMs: 20_000 } : {});
    const { json } = await publish("Slow", { n: 1 });
    await until(() => reader.received.length > before);
    await lanes.stop();
    reader.answer = () => ({});
    stack.use(await lanes.startAnother({ writerId: "second" }));
    await until(() => received(reader, json.event_id).length === 2, 25_000);
    const [first, second] = received(reader, json.event_id);
    expect(second?.body).toBe(first?.body);
  }, 90_000);
});
