import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import { applyRetention } from "./apply-retention.ts";
import { liftHold, placeHold } from "./change-holds.ts";
import { by, day, idAt, RetentionGround } from "./retention.fixtures.ts";

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

describe("a legal hold", () => {
  it("keeps what it covers, with the outcome, where searches find it, and no block goes", async () => {
    const [held, other] = [
      await ground.keep("2025-09-02T00:00:00.000Z", { caller: "suspect" }),
      await ground.keep("2025-09-02T00:00:00.000Z"),
    ];
    const late = await ground.keep("2025-10-02T00:00:00.000Z", { caller: "suspect" });
    await placeHold({ reason: "case 7", until: "2025-10-01T00:00:00Z", caller: "suspect" }, by("ann"), ground.holds());
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([held]);
    expect(await ground.outcomes()).toEqual([held]);
    expect(await ground.counted()).toBe(1);
    const [found] = await storesOf(ground.db).decisions.search({ caller: "suspect" }, 5);
    expect(found?.outcome).toMatchObject({ outcome: "done" });
    expect([other, late].map((id) => [held].includes(id))).toEqual([false, false]);
    expect(ground.purges).toEqual([]);
    expect((await ground.told()).map(({ kept }) => kept).toSorted()).toEqual(["0", "2"]);
  });

  it.each(["not-a-uuid", idAt("2030-01-01T00:00:00Z")])(
    "keeps the outcome of what it covers, whatever time the decision's id tells (%s)",
    async (decision_id) => {
      await ground.keep("2025-09-02T00:00:00.000Z", { decision_id, caller: "suspect" });
      await placeHold({ reason: "case 7", caller: "suspect" }, by("ann"), ground.holds());
      await applyRetention(ground.deps());
      expect(await ground.ids()).toEqual([decision_id]);
      expect(await ground.outcomes()).toEqual([decision_id]);
    },
  );

  it("is lifted by two people, and then what it kept goes", async () => {
    await ground.keep("2025-09-02T00:00:00.000Z", { target: "hr" });
    const { id } = await placeHold({ reason: "case 8", target: "hr" }, by("ann"), ground.holds());
    expect(await liftHold(id, by("ann"), ground.holds())).toMatchObject({ state: "lifting", lift_requested_by: "ann" });
    await expect(liftHold(id, by("ann"), ground.holds())).rejects.toMatchObject({ code: "denied" });
    await applyRetention(ground.deps());
    expect(await ground.ids()).toHaveLength(1);
    expect(await liftHold(id, by("ben"), ground.holds())).toMatchObject({ state: "lifted", lifted_by: "ben" });
    await expect(liftHold(id, by("ben"), ground.holds())).rejects.toMatchObject({ code: "conflict" });
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([]);
    expect((await ground.told()).map(({ decisions }) => decisions)).toContain("1");
    const rules = (await storesOf(ground.db).decisions.search({ action: "legal hold refused" }, 5)).map(
      ({ record }) => record.result,
    );
    expect(rules).toMatchObject([{ effect: "deny", reasons: [{ rule: "audit.second_person" }] }]);
  });

  it("is not lifted by somebody who agrees with what was asked too long ago", async () => {
    const { id } = await placeHold({ reason: "case 9" }, by("ann"), ground.holds());
    await liftHold(id, by("ann"), ground.holds());
    ground.now = new Date(ground.now.getTime() + 8 * day);
    expect(await liftHold(id, by("ben"), ground.holds())).toMatchObject({ state: "lifting", lift_requested_by: "ben" });
  });

  it("has to end after it begins, and has to be one", async () => {
    const never = { reason: "x", since: "2025-02-01T00:00:00Z", until: "2025-01-01T00:00:00Z" };
    await expect(async () => placeHold(never, by("ann"), ground.holds())).rejects.toMatchObject({ code: "malformed" });
    await expect(liftHold("none", by("ann"), ground.holds())).rejects.toMatchObject({ code: "not_found" });
  });

  it("waits for a deletion that is under way", async () => {
    const order: string[] = [];
    const deleting = ground.db.transaction().execute(async (tx) => {
      await storesOf(tx).holds.lock();
      order.push("locked");
      await sql`select pg_sleep(0.3)`.execute(tx);
      order.push("deleted");
    });
    await expect.poll(() => order).toContain("locked");
    await placeHold({ reason: "case 10" }, by("ann"), ground.holds());
    order.push("placed");
    await deleting;
    expect(order.slice(0, 3)).toEqual(["locked", "deleted", "placed"]);
  });
});
