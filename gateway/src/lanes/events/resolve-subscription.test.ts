import type { SpiffeId } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { compileSnapshot } from "../../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { resolveSubscription } from "./resolve-subscription.ts";
import type { StoredEvent } from "./stored-event.ts";

const reader = snapshotPlugin("reader", { subscribes: ["Tick"], events_path: "/events" });
const event: StoredEvent = {
  event_id: "01a1fc1c-199e-74d7-bd82-5f174d208785",
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  event_type: "Tick",
  timestamp: "2026-11-21T00:00:00.000Z",
  source_plugin: "publisher",
  source: "spiffe://vivified.local/plugin/publisher" as SpiffeId,
  data_traits: ["handles_phi"],
  payload: { n: 1 },
  metadata: {},
  decision_id: "d-publish",
};

describe("resolveSubscription", () => {
  it("knows a publisher by what it is now", () => {
    const publisher = snapshotPlugin("publisher", { traits: ["handles_pii"] });
    const snapshot = compileSnapshot(snapshotDocument({ plugins: [reader, publisher] }), 1);
    expect(resolveSubscription(event, "reader", snapshot)?.publisher).toMatchObject({
      id: "publisher",
      traits: ["handles_pii"],
    });
  });

  it("leaves a publisher that is gone its name, and no trait", () => {
    const snapshot = compileSnapshot(snapshotDocument({ plugins: [reader] }), 1);
    expect(resolveSubscription(event, "reader", snapshot)?.publisher).toEqual({
      id: "publisher",
      spiffeId: "spiffe://vivified.local/plugin/publisher",
      traits: [],
    });
  });
});
