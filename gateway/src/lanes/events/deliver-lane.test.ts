import type { EventEnvelope, SpiffeId } from "@vivified/contracts";
import { createLogger, systemClock, VivifiedError } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { deriveFieldKeys } from "../../pep/field-keys.ts";
import { compileSnapshot } from "../../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { type DeliverLaneDeps, deliverLane } from "./deliver-lane.ts";

const event: EventEnvelope = {
  event_id: "01a1fc1c-199e-74d7-bd82-5f174d208785",
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  event_type: "Tick",
  timestamp: "2026-11-21T00:00:00.000Z",
  source_plugin: "publisher",
  source: "spiffe://vivified.local/plugin/publisher" as SpiffeId,
  data_traits: [],
  payload: { n: 1 },
  metadata: { secret: "of the publisher" },
  decision_id: "d-publish",
};
const data = new TextEncoder().encode(JSON.stringify(event));

const document = snapshotDocument({
  plugins: [
    snapshotPlugin("publisher"),
    snapshotPlugin("reader", { subscribes: ["Tick"], events_path: "/events" }),
    snapshotPlugin("deaf", { subscribes: ["Tick"] }),
    snapshotPlugin("quarantined", { status: "disabled", subscribes: ["Tick"], events_path: "/events" }),
  ],
});

type Parts = { effect?: "allow" | "deny"; answer?: () => number; auditDown?: boolean; unjudgeable?: boolean };

/** A lane whose policy, trail and subscriber do what a test says; all that was said and sent is kept. */
function lane(parts: Parts = {}) {
  const said: string[] = [];
  const sent: { path: string; body: string; headers: object }[] = [];
  const snapshot = compileSnapshot(document, 1);
  const write = async (what: string) => {
    if (parts.auditDown) throw new VivifiedError("audit_unavailable");
    said.push(what);
  };
  const deps: DeliverLaneDeps = {
    snapshot: () => snapshot,
    clock: systemClock,
    logger: createLogger({ process: "test", level: "silent" }),
    fieldKeys: deriveFieldKeys("test"),
    newId: () => "r-1",
    revision: () => "rev",
    decide: async ({ entrypoint }) => {
      const { effect = "allow" } = parts;
      if (parts.unjudgeable) throw new VivifiedError("malformed");
      const decision = { id: "d-1", entrypoint, revision: "rev", effect, reasons: [], obligations: [] };
      return { decision, input: {}, snapshot: 1 };
    },
    record: (question, { decision }) => write(`${question.entrypoint} ${decision.effect} after ${question.parentId}`),
    recordRefusal: ({ rule, parentId, target }) => write(`${rule} for ${target} after ${parentId}`),
    recordOutcome: ({ outcome, code }) => said.push(`outcome ${outcome} ${code ?? ""}`.trim()),
    plugins: {
      reachable: () => true,
      send: async ({ path, body = "", headers }) => {
        sent.push({ path, body, headers });
        return { status: parts.answer?.() ?? 200, headers: {}, body: "" };
      },
    },
    callTokens: { sign: async () => "token" },
    deliveryTimeoutMs: 1_000,
    retry: { firstDelayMs: 100, maxDelayMs: 1_000, attempts: 3, random: () => 1 },
  };
  return { deps, said, sent };
}

const delivery = (parts: object = {}) => ({ subscriberId: "reader", data, failures: 0, ...parts });

describe("the delivery lane", () => {
  it("decides, records, delivers and tells the outcome, in that order", async () => {
    const { deps, said, sent } = lane();
    expect(await deliverLane(delivery(), deps)).toEqual({ kind: "done" });
    expect(said).toEqual(["events/deliver allow after d-publish", "outcome done"]);
    expect(sent).toMatchObject([{ path: "/events", body: '{"n":1}' }]);
    expect(JSON.stringify(sent)).not.toContain("of the publisher");
  });

  it("is done with an event that policy denies, and sends nothing", async () => {
    const { deps, said, sent } = lane({ effect: "deny" });
    expect(await deliverLane(delivery(), deps)).toEqual({ kind: "done" });
    expect([said, sent]).toEqual([["events/deliver deny after d-publish"], []]);
  });

  it("sends nothing without a record, and tries again without counting", async () => {
    const { deps, sent } = lane({ auditDown: true });
    expect(await deliverLane(delivery({ failures: 2 }), deps)).toMatchObject({ kind: "retry", counts: false });
    expect(sent).toEqual([]);
  });

  it("takes any answer of the 2xx class, and no other", async () => {
    for (const status of [200, 202, 204]) {
      expect(await deliverLane(delivery(), lane({ answer: () => status }).deps)).toEqual({ kind: "done" });
    }
    for (const status of [302, 400, 404, 410, 500, 503]) {
      const settled = await deliverLane(delivery(), lane({ answer: () => status }).deps);
      expect(settled).toMatchObject({ kind: "retry", counts: true });
    }
  });

  it("records a dead letter after the last try, with the delivery it follows", async () => {
    const { deps, said } = lane({ answer: () => 500 });
    expect(await deliverLane(delivery({ failures: 2 }), deps)).toMatchObject({ kind: "dead_letter" });
    expect(said.slice(1)).toEqual(["outcome failed target_failed", "events.dead_letter for reader after d-1"]);
  });

  it("waits for a subscriber that may not act or takes no events now", async () => {
    for (const subscriberId of ["quarantined", "deaf", "gone"]) {
      const { deps, said, sent } = lane();
      const settled = await deliverLane(delivery({ subscriberId }), deps);
      expect(settled).toMatchObject({ kind: "retry", counts: false });
      expect([said, sent]).toEqual([[], []]);
    }
  });

  it("writes off what cannot be judged, instead of trying it for ever", async () => {
    const { deps, said, sent } = lane({ unjudgeable: true });
    expect(await deliverLane(delivery(), deps)).toEqual({ kind: "dead_letter", reason: "events.unjudgeable" });
    expect([said, sent]).toEqual([["events.unjudgeable for reader after undefined"], []]);
  });

  it.each([
    "",
    "{}",
    "[]",
    "null",
    '{"event_id":"x"}',
    JSON.stringify({ ...event, payload: [] }),
    JSON.stringify({ ...event, event_type: "no.Name" }),
  ])("puts %j aside as unreadable", async (text) => {
    const { deps, said, sent } = lane();
    const settled = await deliverLane(delivery({ data: new TextEncoder().encode(text) }), deps);
    expect(settled).toEqual({ kind: "dead_letter", reason: "events.unreadable" });
    expect([said, sent]).toEqual([["events.unreadable for reader after undefined"], []]);
  });
});
