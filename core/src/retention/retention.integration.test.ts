import { type DecisionRecord, readPlaces } from "@vivified/contracts";
import { createLogger, systemClock, uuidv7 } from "@vivified/runtime";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { decidedAt } from "../audit/decided-at.ts";
import { decisionColumns } from "../audit/decision-columns.ts";
import { ensureMonths } from "../audit/index.ts";
import { pushedTo } from "../audit/push/index.ts";
import { countShapes } from "../audit/shapes/count-shapes.postgres.ts";
import { shapeOf } from "../audit/shapes/decision-shape.ts";
import { shapeIds } from "../audit/shapes/shape-ids.postgres.ts";
import { atomicallyOn } from "../database/atomically.ts";
import { backupLock } from "../database/backup-lock.ts";
import { migrate } from "../database/migrate.ts";
import { Database, type Db } from "../database/open-database.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import { applyRetention } from "./apply-retention.ts";
import { liftHold, placeHold } from "./change-holds.ts";
import { overdueMonths } from "./overdue-months.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let db: Database["db"];
let now: Date;
const clock = { ...systemClock, now: () => now };
const logger = createLogger({ process: "test", level: "silent" });
const day = 24 * 60 * 60 * 1000;
const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };
const by = (caller: string) => ({ caller, trace });

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
beforeEach(async () => {
  ({ db } = stack.use(new Database({ url: await postgres.createDatabase(), logger })));
  await migrate(db);
  now = new Date("2026-11-26T12:00:00Z");
  receivers = [];
});
afterAll(() => stack.disposeAsync());

/** A UUIDv7 of a moment. */
function idAt(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${uuidv7().slice(13)}`;
}

let places = 0;
/** A decision with its outcome, as ingest kept them when their block came. */
async function keep(time: string, changes: object = {}, came = time): Promise<string> {
  const record = decisionOf({ decision_id: idAt(time), timestamp: time, ...changes }) as DecisionRecord;
  const [streamSequence, logIndex] = [places + 1, 2 * places];
  const [shapeId = ""] = await shapeIds(db, [{ shape: shapeOf(record, undefined), at: new Date(time) }]);
  await countShapes(db, [{ shapeId, at: new Date(time), change: 1 }]);
  places += 1;
  await ensureMonths(db, [`${time.slice(0, 7)}-01`]);
  await db.insertInto("decisions").values(decisionColumns(record, { streamSequence, logIndex, shapeId })).execute();
  await db
    .insertInto("decision_outcomes")
    .values({
      ...{ decided_at: decidedAt(record.decision_id), decision_id: record.decision_id, occurred_at: new Date(time) },
      ...{ record: JSON.stringify(outcomeOf(record, { timestamp: time })), stream_sequence: String(streamSequence) },
      log_index: String(logIndex + 1),
    })
    .execute();
  await keepBlock(streamSequence, came);
  return record.decision_id;
}

/** A record that got no row of its own. */
async function unplaced(time: string): Promise<void> {
  const [streamSequence, logIndex] = [String(places + 1), String(2 * places)];
  places += 1;
  const row = { log_index: logIndex, occurred_at: new Date(time), record: "{}", stream_sequence: streamSequence };
  await db.insertInto("audit_unplaced").values(row).execute();
  await keepBlock(places, time);
}

async function keepBlock(sequence: number, came: string): Promise<void> {
  const block = {
    stream_sequence: String(sequence),
    writer: "w",
    epoch: "e",
    sequence: String(sequence),
    previous: "",
  };
  const row = { ...block, hash: "", records: 2, fault: null, ingested_at: new Date(came) };
  await db.insertInto("audit_blocks").values(row).execute();
  await db
    .updateTable("audit_position")
    .set({ stream_sequence: String(sequence) })
    .execute();
}

const counted = async () =>
  Number((await sql<{ n: string }>`select coalesce(sum(records), 0) as n from decision_counts`.execute(db)).rows[0]?.n);
const purges: number[] = [];
let receivers: readonly string[] = [];
const deps = () => ({
  ...{ db, clock, logger, keepMs: 365 * day },
  pushed: (of: Db) => pushedTo(of, receivers),
  purge: async (firstKept: number) => purges.push(firstKept) > 0,
});
const holds = () => ({ atomically: atomicallyOn(db, () => undefined), clock });
const ids = async () =>
  (await db.selectFrom("decisions").select("decision_id").where("lane", "=", "rpc").execute()).map(
    (row) => row.decision_id,
  );
const outcomes = async () =>
  (await db.selectFrom("decision_outcomes").select("decision_id").execute()).map((row) => row.decision_id);
const told = async () =>
  (await storesOf(db).decisions.search({ rule: "audit.retention_applied" }, 50)).map(({ record }) => record.labels);
/** The places that each of these records names, one by one. */
const named = async () =>
  (await told()).map((labels) =>
    (readPlaces(labels.places ?? "") ?? expect.fail(labels.places)).flatMap(({ first, last }) =>
      Array.from({ length: last + 1 - first }, (_, nth) => first + nth),
    ),
  );
const byRule = (rule: string) => ({
  result: { effect: "allow", reasons: [{ rule, message: "", fix: "" }], obligations: [] },
});
const partitions = async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_inherits join pg_class on oid = inhrelid where relname ~ '^decisions_2'`.execute(db);
  return rows.map(({ name }) => name);
};

describe("retention", () => {
  it("drops months that are wholly older, with their outcomes, and says what it deleted", async () => {
    await keep("2025-09-30T23:59:59.999Z");
    await keep("2025-10-01T00:00:00.000Z");
    const [boundary, young] = [await keep("2025-11-25T00:00:00.000Z"), await keep("2026-11-01T00:00:00.000Z")];
    await applyRetention(deps());
    expect((await ids()).toSorted()).toEqual([boundary, young].toSorted());
    expect((await outcomes()).toSorted()).toEqual([boundary, young].toSorted());
    expect(await partitions()).not.toContain("decisions_2025_10");
    expect(await counted()).toBe(2);
    expect((await told()).map(({ until, decisions, outcomes }) => [until, decisions, outcomes]).toSorted()).toEqual([
      ["2025-10-01T00:00:00.000Z", "1", "1"],
      ["2025-11-01T00:00:00.000Z", "1", "1"],
    ]);
    await applyRetention(deps());
    expect(await told()).toHaveLength(2);
  });

  it("names the places that lost their record one by one, and none that stays", async () => {
    const from = 2 * places;
    await keep("2025-09-02T00:00:00.000Z", { caller: "other" });
    await keep("2025-09-03T00:00:00.000Z", { caller: "suspect" });
    await keep("2025-09-04T00:00:00.000Z", { caller: "other" });
    await unplaced("2025-09-06T00:00:00.000Z");
    await keep("2025-09-05T00:00:00.000Z", { caller: "other" }, "2026-11-20T00:00:00.000Z");
    const { id } = await placeHold({ reason: "case 6", caller: "suspect" }, by("ann"), holds());
    await applyRetention(deps());
    expect(await named()).toEqual([[from, from + 1, from + 4, from + 5]]);
    expect((await told())[0]).toMatchObject({ decisions: "2", outcomes: "2", places_count: "4", part: "1/1" });
    for (const person of ["ann", "ben"]) await liftHold(id, by(person), holds());
    await applyRetention(deps());
    expect((await told())[0]).toMatchObject({ decisions: "1", outcomes: "1", unplaced: "1", places_count: "3" });
    expect((await named())[0]).toEqual([from + 2, from + 3, from + 6]);
  });

  it("never deletes what tells of deletions, so that years later it can be told from what was taken away", async () => {
    await keep("2025-09-02T00:00:00.000Z", { lane: "rpc", ...byRule("audit.retention_applied") });
    const record = { lane: "core", entrypoint: "recorded", caller: "core", ...byRule("audit.retention_applied") };
    const teller = await keep("2025-09-02T00:00:00.000Z", record);
    now = new Date("2036-01-01T00:00:00Z");
    await applyRetention(deps());
    await applyRetention(deps());
    const left = await db
      .selectFrom("decisions")
      .select("decision_id")
      .where("occurred_at", "<", new Date("2026-01-01"));
    expect(await left.execute()).toEqual([{ decision_id: teller }]);
  });

  it("says nothing of a time that it did not reach: an outcome of the next month goes with what is from then", async () => {
    const id = await keep("2025-09-30T23:59:59.999Z");
    const late = new Date("2025-10-01T00:00:01Z");
    await db.updateTable("decision_outcomes").set({ occurred_at: late }).where("decision_id", "=", id).execute();
    await applyRetention(deps());
    expect(await outcomes()).toEqual([]);
    expect((await told()).map(({ until, decisions, outcomes }) => [until, decisions, outcomes]).toSorted()).toEqual([
      ["2025-10-01T00:00:00.000Z", "1", "0"],
      [expect.stringMatching(/^2025-11-2/), "0", "1"],
    ]);
  });

  it("keeps what is dated back: a record goes only when its block is old as well", async () => {
    const forged = await keep("2025-09-10T00:00:00.000Z", {}, "2026-11-20T00:00:00.000Z");
    const outside = await keep("2019-01-01T00:00:00.000Z", {}, "2026-11-20T00:00:00.000Z");
    await applyRetention(deps());
    expect((await ids()).toSorted()).toEqual([forged, outside].toSorted());
    expect((await storesOf(db).decisions.find(forged))?.outcome).toBeDefined();
    now = new Date("2027-12-01T00:00:00Z");
    await applyRetention(deps());
    expect(await ids()).toEqual([]);
    expect(await outcomes()).toEqual([]);
    expect(await counted()).toBe(0);
  });

  it("waits for every receiver of the log that is configured, month by month, and for no other", async () => {
    const [old, outside] = [await keep("2025-09-02T00:00:00.000Z"), await keep("2019-01-01T00:00:00.000Z")];
    const young = await keep("2025-10-02T00:00:00.000Z");
    const kept = 2 * places;
    receivers = ["opa https://fast", "otlp https://slow"];
    await applyRetention(deps());
    expect((await ids()).toSorted()).toEqual([old, outside, young].toSorted());
    const position = (receiver: string, next: number) =>
      db
        .insertInto("audit_push_positions")
        .values({ receiver, next_index: String(next) })
        .execute();
    await position("opa https://gone for good", 0);
    await position("opa https://fast", kept);
    await position("otlp https://slow", kept - 1);
    expect(await pushedTo(db, receivers)).toEqual({ place: kept - 1, receiver: "otlp https://slow" });
    await applyRetention(deps());
    expect(await ids()).toEqual([young]);
    expect(await partitions()).toContain("decisions_2025_10");
    expect(await overdueMonths(deps())).toEqual(["2025-10"]);
    receivers = ["opa https://fast"];
    await applyRetention(deps());
    expect(await ids()).toEqual([]);
    expect(await overdueMonths(deps())).toEqual([]);
  });

  it("leaves records of core's that no block holds yet", async () => {
    await ensureMonths(db, ["2025-01-01"]);
    const record = decisionOf({ decision_id: idAt("2025-01-05T00:00:00Z"), timestamp: "2025-01-05T00:00:00.000Z" });
    await storesOf(db).decisions.append([record as DecisionRecord]);
    await applyRetention(deps());
    expect(await ids()).toHaveLength(1);
  });

  it("takes blocks out of the stream, and their rows, only as far as they are old", async () => {
    purges.length = 0;
    await keep("2025-01-01T00:00:00.000Z");
    await keep("2026-11-01T00:00:00.000Z");
    const young = places;
    await applyRetention(deps());
    expect(purges).toEqual([young]);
    const blocks = await db.selectFrom("audit_blocks").select("stream_sequence").execute();
    expect(blocks.map((row) => Number(row.stream_sequence))).toEqual([young]);
    const [purged] = await storesOf(db).decisions.search({ rule: "audit.stream_purged" }, 5);
    expect(purged?.record.labels).toMatchObject({ first_kept: String(young) });
  });

  it("says that blocks went before they go, and takes them away when it died in between", async () => {
    await keep("2025-01-01T00:00:00.000Z");
    await keep("2026-11-01T00:00:00.000Z");
    const dying = applyRetention({ ...deps(), purge: () => Promise.reject(new Error("the lights went out")) });
    await expect(dying).rejects.toThrow("the lights went out");
    const purged = async () => storesOf(db).decisions.search({ rule: "audit.stream_purged" }, 5);
    expect(await db.selectFrom("audit_blocks").select("stream_sequence").execute()).toHaveLength(1);
    expect(await purged()).toHaveLength(1);
    purges.length = 0;
    await applyRetention(deps());
    expect(purges).toEqual([places]);
    expect(await purged()).toHaveLength(1);
  });

  it("leaves blocks in the stream while a backup is under way", async () => {
    await keep("2025-01-01T00:00:00.000Z");
    purges.length = 0;
    await db.connection().execute(async (backup) => {
      await sql`select pg_advisory_lock_shared(hashtext(${backupLock}))`.execute(backup);
      await applyRetention(deps());
      expect(purges).toEqual([]);
      await sql`select pg_advisory_unlock_shared(hashtext(${backupLock}))`.execute(backup);
    });
    await applyRetention(deps());
    expect(purges).toHaveLength(1);
  });

  it("is undone as a whole when it dies before the end of a month", async () => {
    const old = await keep("2025-09-01T00:00:00.000Z");
    await sql`create function die() returns trigger language plpgsql as $$ begin raise 'the lights went out'; end $$`.execute(
      db,
    );
    await sql`create trigger die before insert on decisions for each row when (new.lane = 'core') execute function die()`.execute(
      db,
    );
    await expect(applyRetention(deps())).rejects.toThrow("the lights went out");
    expect(await ids()).toEqual([old]);
    expect(await partitions()).toContain("decisions_2025_09");
    await sql`drop trigger die on decisions`.execute(db);
    await applyRetention(deps());
    expect(await ids()).toEqual([]);
    expect(await told()).toHaveLength(1);
  });

  it("waits for a reader that does not end without stopping those who write, and tries again", async () => {
    await keep("2025-09-01T00:00:00.000Z");
    const reading = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const reader = db.transaction().execute(async (tx) => {
      await tx.selectFrom("decisions").select("decision_id").execute();
      begun.resolve();
      await reading.promise;
    });
    await begun.promise;
    let written = 0;
    let deleting = true;
    const turn = applyRetention({ ...deps(), lockAttempts: 3 }).finally(() => {
      deleting = false;
    });
    for (; deleting; written += 1)
      await storesOf(db).decisions.append([decisionOf({ lane: "egress" }) as DecisionRecord]);
    await turn;
    expect(written).toBeGreaterThan(10);
    expect([await told(), await ids(), await counted()]).toMatchObject([[], { length: 1 }, 1]);
    reading.resolve();
    await reader;
    await applyRetention({ ...deps(), lockAttempts: 3 });
    expect([await told(), await ids(), await counted()]).toMatchObject([{ length: 1 }, [], 0]);
  });

  it("is not done twice by two cores at once", async () => {
    await keep("2025-09-01T00:00:00.000Z");
    await Promise.all([applyRetention(deps()), applyRetention(deps())]);
    expect((await told()).filter(({ decisions }) => decisions === "1")).toHaveLength(1);
  });
});

describe("a legal hold", () => {
  it("keeps what it covers, with the outcome, where searches find it, and no block goes", async () => {
    purges.length = 0;
    const [held, other] = [
      await keep("2025-09-02T00:00:00.000Z", { caller: "suspect" }),
      await keep("2025-09-02T00:00:00.000Z"),
    ];
    const late = await keep("2025-10-02T00:00:00.000Z", { caller: "suspect" });
    await placeHold({ reason: "case 7", until: "2025-10-01T00:00:00Z", caller: "suspect" }, by("ann"), holds());
    await applyRetention(deps());
    expect(await ids()).toEqual([held]);
    expect(await outcomes()).toEqual([held]);
    expect(await counted()).toBe(1);
    const [found] = await storesOf(db).decisions.search({ caller: "suspect" }, 5);
    expect(found?.outcome).toMatchObject({ outcome: "done" });
    expect([other, late].map((id) => [held].includes(id))).toEqual([false, false]);
    expect(purges).toEqual([]);
    expect((await told()).map(({ kept }) => kept).toSorted()).toEqual(["0", "2"]);
  });

  it.each(["not-a-uuid", idAt("2030-01-01T00:00:00Z")])(
    "keeps the outcome of what it covers, whatever time the decision's id tells (%s)",
    async (decision_id) => {
      await keep("2025-09-02T00:00:00.000Z", { decision_id, caller: "suspect" });
      await placeHold({ reason: "case 7", caller: "suspect" }, by("ann"), holds());
      await applyRetention(deps());
      expect(await ids()).toEqual([decision_id]);
      expect(await outcomes()).toEqual([decision_id]);
    },
  );

  it("is lifted by two people, and then what it kept goes", async () => {
    await keep("2025-09-02T00:00:00.000Z", { target: "hr" });
    const { id } = await placeHold({ reason: "case 8", target: "hr" }, by("ann"), holds());
    expect(await liftHold(id, by("ann"), holds())).toMatchObject({ state: "lifting", lift_requested_by: "ann" });
    await expect(liftHold(id, by("ann"), holds())).rejects.toMatchObject({ code: "denied" });
    await applyRetention(deps());
    expect(await ids()).toHaveLength(1);
    expect(await liftHold(id, by("ben"), holds())).toMatchObject({ state: "lifted", lifted_by: "ben" });
    await expect(liftHold(id, by("ben"), holds())).rejects.toMatchObject({ code: "conflict" });
    await applyRetention(deps());
    expect(await ids()).toEqual([]);
    expect((await told()).map(({ decisions }) => decisions)).toContain("1");
    const rules = (await storesOf(db).decisions.search({ action: "legal hold refused" }, 5)).map(
      ({ record }) => record.result,
    );
    expect(rules).toMatchObject([{ effect: "deny", reasons: [{ rule: "audit.second_person" }] }]);
  });

  it("is not lifted by somebody who agrees with what was asked too long ago", async () => {
    const { id } = await placeHold({ reason: "case 9" }, by("ann"), holds());
    await liftHold(id, by("ann"), holds());
    now = new Date(now.getTime() + 8 * day);
    expect(await liftHold(id, by("ben"), holds())).toMatchObject({ state: "lifting", lift_requested_by: "ben" });
  });

  it("has to end after it begins, and has to be one", async () => {
    const never = { reason: "x", since: "2025-02-01T00:00:00Z", until: "2025-01-01T00:00:00Z" };
    await expect(async () => placeHold(never, by("ann"), holds())).rejects.toMatchObject({ code: "malformed" });
    await expect(liftHold("none", by("ann"), holds())).rejects.toMatchObject({ code: "not_found" });
  });

  it("waits for a deletion that is under way", async () => {
    const order: string[] = [];
    const deleting = db.transaction().execute(async (tx) => {
      await storesOf(tx).holds.lock();
      order.push("locked");
      await sql`select pg_sleep(0.3)`.execute(tx);
      order.push("deleted");
    });
    await expect.poll(() => order).toContain("locked");
    await placeHold({ reason: "case 10" }, by("ann"), holds());
    order.push("placed");
    await deleting;
    expect(order.slice(0, 3)).toEqual(["locked", "deleted", "placed"]);
  });
});
