import { type AuditRecord, pluginSpiffeId } from "@vivified/contracts";
import { AuditTrail, createLogger, MinuteBudget, systemClock, uuidv7, VivifiedError } from "@vivified/runtime";
import { decisionOf, fakeBlockStream } from "@vivified/runtime/audit-fixtures";
import { describe, expect, it } from "vitest";
import { LeftOutNodes } from "./left-out-nodes.ts";
import { type NodeEvent, recordNode } from "./node-records.ts";

const spiffeId = pluginSpiffeId("vivified.local", "newsletter");
const peer = { spiffeId, pluginId: "newsletter", expiresAt: new Date() };
const clock = { now: () => new Date("2026-11-27T00:00:00Z"), monotonicMs: () => 1 };
const logger = createLogger({ process: "test", level: "silent" });

/** What comes into the trail. */
function recorder(enqueue?: () => void) {
  const records: AuditRecord[] = [];
  const push = (record: AuditRecord) => void records.push(record);
  const trail = { enqueue: enqueue ?? push, note: push };
  const leftOut: string[] = [];
  const counting = { add: (rule: NodeEvent["rule"]) => void leftOut.push(rule) };
  const deps = { trail, leaving: 0, budget: new MinuteBudget(clock), leftOut: counting, clock, logger };
  return { records, leftOut, record: (event: NodeEvent, caller = peer) => recordNode(event, caller, deps) };
}

const refused: NodeEvent = { rule: "mesh.node_refused", nodeId: "other~a" };
const serving: NodeEvent = { rule: "mesh.node_serving", nodeId: "newsletter~a", revision: 7 };

function plugin(pluginId: string) {
  return { ...peer, pluginId, spiffeId: pluginSpiffeId("vivified.local", pluginId) };
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

  it("is left out, and counted, when one identity has used up its minute, which is no other's", () => {
    const { records, leftOut, record } = recorder();
    for (let n = 0; n < 100; n++) record(refused);
    expect([records.length, leftOut]).toEqual([60, Array(40).fill("mesh.node_refused")]);
    record(refused, plugin("other"));
    expect(records.slice(60)).toMatchObject([{ caller: "other" }]);
  });

  it("is left out after six hundred of one kind in a minute, and those of other kinds are not", () => {
    const { records, leftOut, record } = recorder();
    for (let n = 0; n < 660; n++) record(refused, plugin(`p${n % 11}`));
    expect([records.length, leftOut.length]).toEqual([600, 60]);
    record(serving);
    record({ rule: "mesh.configuration_refused", nodeId: "newsletter~a", revision: 7, type: "t", detail: "no" });
    expect([records.length, leftOut.length]).toEqual([603, 60]);
  });

  it("is left out, and counted, when the trail has no room", () => {
    const { records, leftOut, record } = recorder(() => {
      throw new VivifiedError("audit_unavailable");
    });
    record(serving);
    expect([records, leftOut]).toEqual([[], ["mesh.node_serving"]]);
  });

  it("takes no place in the trail that is left to renewals", async () => {
    const stream = fakeBlockStream(() => "stored");
    const bounds = { waitMs: 1_000, maxQueued: 40 };
    const chains = [{ writer: "w-0", stream }];
    await using trail = new AuditTrail({ chains, newId: uuidv7, clock: systemClock, logger, ...bounds });
    await using leftOut = new LeftOutNodes({ trail, leaving: 30, clock });
    const deps = { trail, leaving: 30, budget: new MinuteBudget(clock), leftOut, clock, logger };
    for (let n = 0; n < 60; n++) recordNode(refused, peer, deps);
    const renewals = Array.from({ length: 31 }, (_, n) => () => trail.enqueue(decisionOf(`renewal-${n}`)));
    for (const enqueue of renewals.slice(0, 30)) enqueue();
    expect(trail.hasRoom).toBe(false);
    expect(renewals[30]).toThrow(expect.objectContaining({ code: "audit_unavailable" }));
  });
});
