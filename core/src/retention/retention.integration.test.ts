import type { DecisionRecord } from "@vivified/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decisionOf } from "../audit/block.fixtures.ts";
import { ensureMonths } from "../audit/index.ts";
import { pushedTo } from "../audit/push/index.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import { applyRetention } from "./apply-retention.ts";
import { liftHold, placeHold } from "./change-holds.ts";
import { overdueMonths } from "./overdue-months.ts";
import { by, byRule, idAt, RetentionGround } from "./retention.fixtures.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let ground: RetentionGround;

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
beforeEach(async () => {
  ground = stack.use(await RetentionGround.on(postgres));
});
afterAll(() => stack.disposeAsync());

const shapeOf = async (caller: string): Promise<string> => {
  const shape = ground.db.selectFrom("decision_shapes").select("id").where("caller", "=", caller);
  return (await shape.executeTakeFirstOrThrow()).id;
};

describe("retention", () => {
  it("drops months that are wholly older, with their outcomes, and says what it deleted", async () => {
    await ground.keep("2025-09-30T23:59:59.999Z");
    await ground.keep("2025-10-01T00:00:00.000Z");
    const [boundary, young] = [
      await ground.keep("2025-11-25T00:00:00.000Z"),
      await ground.keep("2026-11-01T00:00:00.000Z"),
    ];
    await applyRetention(ground.deps());
    expect((await ground.ids()).toSorted()).toEqual([boundary, young].toSorted());
    expect((await ground.outcomes()).toSorted()).toEqual([boundary, young].toSorted());
    expect(await ground.partitions()).not.toContain("decisions_2025_10");
    expect(await ground.counted()).toBe(2);
    expect(
      (await ground.told()).map(({ until, decisions, outcomes }) => [until, decisions, outcomes]).toSorted(),
    ).toEqual([
      ["2025-10-01T00:00:00.000Z", "1", "1"],
      ["2025-11-01T00:00:00.000Z", "1", "1"],
    ]);
    await applyRetention(ground.deps());
    expect(await ground.told()).toHaveLength(2);
  });

  it("leaves nothing of what only deleted records had in common", async () => {
    const shapes = async () =>
      (await ground.db.selectFrom("decision_shapes").select("caller").execute()).map((one) => one.caller);
    await ground.keep("2025-09-02T00:00:00.000Z", { caller: "gone" });
    await ground.keep("2025-09-02T00:00:00.000Z", { caller: "held" });
    await ground.keep("2025-09-02T00:00:00.000Z", { caller: "both" });
    await ground.keep("2026-11-20T00:00:00.000Z", { caller: "both" });
    await ground.keep("2026-11-20T00:00:00.000Z", { caller: "young" });
    await ground.db
      .deleteFrom("decision_counts")
      .where("shape_id", "=", await shapeOf("young"))
      .execute();
    await placeHold({ reason: "case 7", caller: "held" }, by("ann"), ground.holds());
    await applyRetention(ground.deps());
    expect((await shapes()).toSorted()).toEqual(["both", "held", "young"]);
    await ground.keep("2026-11-21T00:00:00.000Z", { caller: "gone" });
    expect(await shapes()).toContain("gone");
  });

  it("names the ground.places that lost their record one by one, and none that stays", async () => {
    const from = 2 * ground.places;
    await ground.keep("2025-09-02T00:00:00.000Z", { caller: "other" });
    await ground.keep("2025-09-03T00:00:00.000Z", { caller: "suspect" });
    await ground.keep("2025-09-04T00:00:00.000Z", { caller: "other" });
    await ground.unplaced("2025-09-06T00:00:00.000Z");
    await ground.keep("2025-09-05T00:00:00.000Z", { caller: "other" }, "2026-11-20T00:00:00.000Z");
    const { id } = await placeHold({ reason: "case 6", caller: "suspect" }, by("ann"), ground.holds());
    await applyRetention(ground.deps());
    expect(await ground.named()).toEqual([[from, from + 1, from + 4, from + 5]]);
    expect((await ground.told())[0]).toMatchObject({ decisions: "2", outcomes: "2", places_count: "4", part: "1/1" });
    for (const person of ["ann", "ben"]) await liftHold(id, by(person), ground.holds());
    await applyRetention(ground.deps());
    expect((await ground.told())[0]).toMatchObject({ decisions: "1", outcomes: "1", unplaced: "1", places_count: "3" });
    expect((await ground.named())[0]).toEqual([from + 2, from + 3, from + 6]);
  });

  it("keeps a record that got no row until its own time is over, too: no deletion is of what is later than it says", async () => {
    const from = 2 * ground.places;
    await ground.unplaced("2027-01-02T00:00:00.000Z", "2025-09-06T00:00:00.000Z");
    await ground.unplaced("2025-09-05T00:00:00.000Z", "2025-09-06T00:00:00.000Z");
    await ground.unplaced("2025-09-05T00:00:00.000Z", "2026-11-20T00:00:00.000Z");
    await applyRetention(ground.deps());
    expect(await ground.named()).toEqual([[from + 2]]);
    ground.now = new Date("2028-01-02T00:00:00.001Z");
    await applyRetention(ground.deps());
    expect((await ground.named())[0]).toEqual([from, from + 4]);
  });

  it("never deletes what tells of deletions, so that years later it can be told from what was taken away", async () => {
    await ground.keep("2025-09-02T00:00:00.000Z", { lane: "rpc", ...byRule("audit.retention_applied") });
    const record = { lane: "core", entrypoint: "recorded", caller: "core", ...byRule("audit.retention_applied") };
    const teller = await ground.keep("2025-09-02T00:00:00.000Z", record);
    ground.now = new Date("2036-01-01T00:00:00Z");
    await applyRetention(ground.deps());
    await applyRetention(ground.deps());
    const left = await ground.db
      .selectFrom("decisions")
      .select("decision_id")
      .where("occurred_at", "<", new Date("2026-01-01"));
    expect(await left.execute()).toEqual([{ decision_id: teller }]);
  });

  it("says nothing of a time that it did not reach: an outcome of the next month goes with what is from then", async () => {
    const id = await ground.keep("2025-09-30T23:59:59.999Z");
    const late = new Date("2025-10-01T00:00:01Z");
    await ground.db.updateTable("decision_outcomes").set({ occurred_at: late }).where("decision_id", "=", id).execute();
    await applyRetention(ground.deps());
    expect(await ground.outcomes()).toEqual([]);
    expect(
      (await ground.told()).map(({ until, decisions, outcomes }) => [until, decisions, outcomes]).toSorted(),
    ).toEqual([
      ["2025-10-01T00:00:00.000Z", "1", "0"],
      [expect.stringMatching(/^2025-11-2/), "0", "1"],
    ]);
  });

  it("keeps what is dated back: a record goes only when its block is old as well", async () => {
    const forged = await ground.keep("2025-09-10T00:00:00.000Z", {}, "2026-11-20T00:00:00.000Z");
    const outside = await ground.keep("2019-01-01T00:00:00.000Z", {}, "2026-11-20T00:00:00.000Z");
    await applyRetention(ground.deps());
    expect((await ground.ids()).toSorted()).toEqual([forged, outside].toSorted());
    expect((await storesOf(ground.db).decisions.find(forged))?.outcome).toBeDefined();
    ground.now = new Date("2027-12-01T00:00:00Z");
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([]);
    expect(await ground.outcomes()).toEqual([]);
    expect(await ground.counted()).toBe(0);
  });

  it("waits for every receiver of the log that is configured, month by month, and for no other", async () => {
    const [old, outside] = [
      await ground.keep("2025-09-02T00:00:00.000Z"),
      await ground.keep("2019-01-01T00:00:00.000Z"),
    ];
    const young = await ground.keep("2025-10-02T00:00:00.000Z");
    const kept = 2 * ground.places;
    ground.receivers = ["opa https://fast", "otlp https://slow"];
    await applyRetention(ground.deps());
    expect((await ground.ids()).toSorted()).toEqual([old, outside, young].toSorted());
    const position = (receiver: string, next: number) =>
      ground.db
        .insertInto("audit_push_positions")
        .values({ receiver, next_index: String(next) })
        .execute();
    await position("opa https://gone for good", 0);
    await position("opa https://fast", kept);
    await position("otlp https://slow", kept - 1);
    expect(await pushedTo(ground.db, ground.receivers)).toEqual({ place: kept - 1, receiver: "otlp https://slow" });
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([young]);
    expect(await ground.partitions()).toContain("decisions_2025_10");
    expect(await overdueMonths(ground.deps())).toEqual(["2025-10"]);
    ground.receivers = ["opa https://fast"];
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([]);
    expect(await overdueMonths(ground.deps())).toEqual([]);
  });

  it("leaves records of core's that no block holds yet", async () => {
    await ensureMonths(ground.db, ["2025-01-01"]);
    const record = decisionOf({ decision_id: idAt("2025-01-05T00:00:00Z"), timestamp: "2025-01-05T00:00:00.000Z" });
    await storesOf(ground.db).decisions.append([record as DecisionRecord]);
    await applyRetention(ground.deps());
    expect(await ground.ids()).toHaveLength(1);
  });
});
