import { jetstreamManager } from "@nats-io/jetstream";
import { canonicalEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../running-lanes.fixtures.ts";
import { ada, type EventsWorld, openEventsWorld, received } from "./events-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let world: EventsWorld;

beforeAll(async () => {
  world = await openEventsWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const publish: EventsWorld["publish"] = (...event) => world.publish(...event);

describe("publishing", () => {
  it("stores the event with the gateway's own word for source, time, traits and decision", async () => {
    const more = { data_traits: ["audit_required"], metadata: { batch: "7" } };
    const { status, json, traceId } = await publish("UserCreated", ada, { more });
    expect([status, Object.keys(json)]).toEqual([200, ["event_id"]]);
    const [decision] = await world.lanes.decisions(traceId);
    expect(await world.stored(json.event_id)).toMatchObject({
      trace_id: traceId,
      event_type: "UserCreated",
      source_plugin: "publisher",
      source: "spiffe://vivified.local/plugin/publisher",
      data_traits: ["audit_required", "pii"],
      payload: ada,
      metadata: { batch: "7" },
      decision_id: decision?.decision_id,
    });
    expect(await world.lanes.outcome(decision?.decision_id ?? "")).toMatchObject({ outcome: "done" });
  });

  it("stores what policy left of the payload", async () => {
    const { json } = await publish("Tick", { n: 1, ssn: "078-05-1120" });
    expect((await world.stored(json.event_id))?.payload).toEqual({ n: 1, ssn: "REDACTED" });
  });

  it("refuses a publisher whose request names another plugin", async () => {
    const { status, json, traceId } = await publish("Tick", { n: 1 }, { headers: { "x-plugin-id": "reader" } });
    expect([status, json.code]).toEqual([403, "source_mismatch"]);
    expect(await world.rulesOf(traceId)).toEqual(["events.source_forged"]);
  });

  it("makes one event of repeated requests with one idempotency key, and different ones for different publishers", async () => {
    const headers = { "idempotency-key": "order-1" };
    const first = await publish("Tick", { n: 1 }, { headers });
    const second = await publish("Tick", { n: 1 }, { headers });
    const other = await publish("Tick", { n: 1 }, { headers, as: "untraited" });
    expect(second.json.event_id).toBe(first.json.event_id);
    expect(other.json.event_id).not.toBe(first.json.event_id);
    expect(first.json.event_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await until(() => received(world.reader, first.json.event_id).length > 0);
    expect(received(world.reader, first.json.event_id)).toHaveLength(1);
  });

  it("refuses the key of one event for another, instead of dropping it", async () => {
    const headers = { "idempotency-key": "order-2" };
    const first = await publish("Tick", { n: 1 }, { headers });
    const other = await publish("Tick", { n: 2 }, { headers });
    expect(first.status).toBe(200);
    expect(other).toMatchObject({ status: 409, json: { code: "conflict", retryable: false } });
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
    const manager = await jetstreamManager(world.lanes.connection);
    const before = (await manager.streams.info(canonicalEventsStream.name)).state.last_seq;
    const answer = await publish(type, payload, { as, more });
    expect([answer.status, await world.rulesOf(answer.traceId)]).toEqual([status, [rule]]);
    expect(answer.json.decision_id).toBe((await world.lanes.decisions(answer.traceId))[0]?.decision_id);
    expect((await manager.streams.info(canonicalEventsStream.name)).state.last_seq).toBe(before);
  });

  it("tells every violation of the schema together", async () => {
    const { json } = await publish("UserCreated", { user_id: 7, email: "no", more: 1 });
    const pointers = json.violations.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers.sort()).toEqual(["/email", "/more", "/user_id"]);
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
