import { type AuditRecord, pluginSpiffeId } from "@vivified/contracts";
import { createLogger, MinuteBudget, VivifiedError } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { type NodeEvent, recordNode } from "./node-records.ts";

const spiffeId = pluginSpiffeId("vivified.local", "newsletter");
const peer = { spiffeId, pluginId: "newsletter", expiresAt: new Date() };
const clock = { now: () => new Date("2026-11-27T00:00:00Z"), monotonicMs: () => 1 };
const logger = createLogger({ process: "test", level: "silent" });

/** What comes into the trail. */
function recorder(enqueue?: () => void) {
  const records: AuditRecord[] = [];
  const push = (record: AuditRecord) => void records.push(record);
  const deps = { trail: { enqueue: enqueue ?? push, note: push }, budget: new MinuteBudget(clock), clock, logger };
  return { records, record: (event: NodeEvent) => recordNode(event, peer, deps) };
}

describe("the record of a node", () => {
  it("names the plugin, what its Envoy holds, and that it does", () => {
    const { records, record } = recorder();
    record({ rule: "mesh.node_serving", nodeId: "newsletter~a", revision: 7 });
    expect(records).toMatchObject([
      {
        ...{ lane: "mesh", entrypoint: "recorded", caller: "newsletter", resource: spiffeId },
        result: { effect: "allow", reasons: [{ rule: "mesh.node_serving" }] },
        labels: { node: "newsletter~a", revision: "7" },
      },
      { kind: "outcome", outcome: "done" },
    ]);
    expect(records[1]?.decision_id).toBe(records[0]?.decision_id);
  });

  it("of a refusal is a denial, with what it said, and no longer than it may be", () => {
    const { records, record } = recorder();
    record({ rule: "mesh.node_refused", nodeId: `${"x".repeat(511)}\u{1f4a3}${"y".repeat(10_000)}` });
    record({ rule: "mesh.configuration_refused", nodeId: "newsletter~a", revision: 7, type: "t", detail: "no" });
    expect(records).toMatchObject([
      { entrypoint: "refused", result: { effect: "deny" }, labels: { node: `${"x".repeat(511)}\ufffd` } },
      { entrypoint: "refused", result: { effect: "deny" }, labels: { node: "newsletter~a", type: "t", detail: "no" } },
    ]);
  });

  it("is left out when one identity has used up its minute, or the trail has no room", () => {
    const { records, record } = recorder();
    for (let n = 0; n < 100; n++) record({ rule: "mesh.node_refused", nodeId: String(n) });
    expect(records).toHaveLength(60);
    const full = recorder(() => {
      throw new VivifiedError("audit_unavailable");
    });
    full.record({ rule: "mesh.node_serving", nodeId: "newsletter~a", revision: 7 });
    expect(full.records).toEqual([]);
  });
});
