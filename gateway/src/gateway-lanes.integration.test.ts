import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import { snapshotDocument, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const event_type = "UserCreated";
const snapshot = snapshotDocument({
  plugins: [
    snapshotPlugin("core", {
      traits: ["handles_pii"],
      publishes: [event_type],
      spiffe_id: "spiffe://vivified.local/core",
    }),
    snapshotPlugin("workflow", {
      traits: ["handles_pii", "external_service"],
      subscribes: [event_type],
      events_path: "/on-event",
    }),
    snapshotPlugin("newsletter", { subscribes: [event_type], events_path: "/on-event" }),
  ],
  grants: [
    { id: "g1", plugin: "core", kind: "publish", event_type },
    { id: "g2", plugin: "workflow", kind: "subscribe", event_type },
    { id: "g3", plugin: "newsletter", kind: "subscribe", event_type },
    {
      id: "g4",
      plugin: "workflow",
      kind: "egress",
      host: "127.0.0.1",
      schemes: ["https"],
      ports: [443],
      methods: ["GET"],
    },
  ],
  event_types: [{ type: event_type }],
});

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ snapshot });
  await vi.waitFor(async () => {
    expect((await gateway.ask("/health", { as: "workflow", method: "GET" })).status).toBe(200);
  }, 10_000);
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

const records = () => readTrail(gateway.connection, gateway.config.writerId);

describe("the composed gateway", () => {
  it("takes an event of core's and delivers it to whom policy lets have it", async () => {
    const workflow = await gateway.startTarget("workflow");
    const newsletter = await gateway.startTarget("newsletter");
    const as = await gateway.authority.issue("spiffe://vivified.local/core");
    const body = { event_type, source_plugin: "core", payload: { user_id: "7", email: "ada@example.org" } };
    const published = await gateway.ask("/events/publish", { as, body });
    expect(published.status).toBe(200);
    await vi.waitFor(() => expect(workflow.received).toHaveLength(1), 10_000);
    expect(JSON.parse(workflow.received[0]?.body ?? "")).toEqual(body.payload);
    expect(workflow.received[0]?.headers["ce-id"]).toBe(published.json.event_id);
    await vi.waitFor(async () => {
      const refused = (await records()).find((each) => each.kind === "decision" && each.target === "newsletter");
      expect(refused).toMatchObject({ entrypoint: "events/deliver", result: { effect: "deny" } });
    }, 10_000);
    expect(newsletter.received).toEqual([]);
  });

  it("lets nothing out that was not granted, and nothing in to a private address", async () => {
    const proxy = (as: string, url: string) => gateway.ask("/proxy", { as, body: { url, method: "GET" } });
    const ungranted = await proxy("newsletter", "https://127.0.0.1/");
    expect(ungranted.json).toMatchObject({ status: 403, code: "denied" });
    const unsafe = await proxy("workflow", "https://127.0.0.1/");
    expect(unsafe.json).toMatchObject({ status: 403, code: "unsafe_address" });
    const found = (await records()).find(
      (each) => each.kind === "decision" && each.decision_id === unsafe.json.decision_id,
    );
    expect(found).toMatchObject({ lane: "egress", entrypoint: "refused", caller: "workflow" });
  });
});
