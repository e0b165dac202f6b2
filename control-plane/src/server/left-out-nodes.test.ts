import type { AuditRecord } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { LeftOutNodes } from "./left-out-nodes.ts";

const clock = { now: () => new Date("2026-11-27T00:00:00Z") };

/** A trail that has so many places left, and what comes into it. */
function trailWith(places: { free: number }) {
  const records: AuditRecord[] = [];
  const asked = { times: 0 };
  const note = (record: AuditRecord) => void records.push(record);
  const enqueue = (record: AuditRecord, { leaving = 0 } = {}) => {
    asked.times += 1;
    if (places.free <= leaving) throw new VivifiedError("audit_unavailable");
    note(record);
  };
  return { records, asked, trail: { enqueue, note } };
}

const told = (counts: object) => [
  {
    ...{ lane: "mesh", entrypoint: "recorded", caller: "control-plane", action: "record nodes" },
    result: { effect: "allow", reasons: [{ rule: "mesh.nodes_left_out" }] },
    labels: { since: "2026-11-27T00:00:00.000Z", ...counts },
  },
  { kind: "outcome", outcome: "done" },
];

describe("what was left out", () => {
  it("is told in one record when the next minute begins, with how many of each kind, and once", async () => {
    const { records, trail } = trailWith({ free: 10 });
    await using leftOut = new LeftOutNodes({ trail, leaving: 5, clock, everyMs: 5 });
    for (let n = 0; n < 41; n += 1) leftOut.add("mesh.node_refused");
    leftOut.add("mesh.node_serving");
    await expect.poll(() => records).toHaveLength(2);
    expect(records).toMatchObject(told({ "mesh.node_refused": "41", "mesh.node_serving": "1" }));
    leftOut.add("mesh.configuration_refused");
    await expect.poll(() => records).toHaveLength(4);
    expect(records.slice(2)).toMatchObject(told({ "mesh.configuration_refused": "1" }));
    expect(records[2]).not.toHaveProperty(["labels", "mesh.node_refused"]);
  });

  it("adds up while only places of others are left", async () => {
    const places = { free: 5 };
    const { records, asked, trail } = trailWith(places);
    await using leftOut = new LeftOutNodes({ trail, leaving: 5, clock, everyMs: 5 });
    leftOut.add("mesh.node_refused");
    await expect.poll(() => asked.times).toBeGreaterThan(1);
    expect(records).toEqual([]);
    leftOut.add("mesh.node_refused");
    places.free = 6;
    await expect.poll(() => records).toHaveLength(2);
    expect(records).toMatchObject(told({ "mesh.node_refused": "2" }));
  });

  it("is told at the end, in the place of whoever", async () => {
    const { records, trail } = trailWith({ free: 1 });
    const leftOut = new LeftOutNodes({ trail, leaving: 5, clock });
    leftOut.add("mesh.node_serving");
    await leftOut[Symbol.asyncDispose]();
    expect(records).toMatchObject(told({ "mesh.node_serving": "1" }));
  });

  it("is no record where nothing was", async () => {
    const { records, asked, trail } = trailWith({ free: 10 });
    await new LeftOutNodes({ trail, leaving: 5, clock })[Symbol.asyncDispose]();
    expect([records, asked.times]).toEqual([[], 0]);
  });
});
