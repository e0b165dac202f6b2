import type { DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { decisionOf, outcomeOf } from "../../audit/block.fixtures.ts";
import { decisionColumns } from "../../audit/decision-columns.ts";
import { migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import type { Database } from "../../database/open-database.ts";
import type { AlertRule } from "../finding.ts";
import { auditUnavailable } from "./audit-unavailable.ts";
import { denialsSpike } from "./denials-spike.ts";

const stack = new AsyncDisposableStack();
const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.now();
let now = start;
let db: Database["db"];
const clock = { now: () => new Date(now), monotonicMs: () => now };
const at = (ms: number) => new Date(start + ms);

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
}, 60_000);
afterAll(() => stack.disposeAsync());
beforeEach(() => {
  now = start;
});

async function deny(ms: number): Promise<void> {
  const result = { effect: "deny", reasons: [], obligations: [] };
  const record = decisionOf({ caller: "noisy", timestamp: at(ms).toISOString(), result }) as DecisionRecord;
  await db.insertInto("decisions").values(decisionColumns(record)).execute();
}

async function refuse(ms: number, logIndex?: number): Promise<void> {
  const decision = decisionOf({ timestamp: at(ms).toISOString() });
  const record = JSON.stringify(outcomeOf(decision, { outcome: "failed", code: "audit_unavailable" }));
  const times = { decided_at: new Date(start + Math.min(0, ms)), occurred_at: at(ms) };
  const row = {
    ...times,
    decision_id: decision.decision_id,
    record,
    stream_sequence: "1",
    log_index: logIndex?.toString() ?? null,
  };
  await db.insertInto("decision_outcomes").values(row).execute();
}

it("counts denials by the time that they say once it is that time", async () => {
  const thresholds = { windowMs: minute, baselineMs: 10 * minute, factor: 2, minimum: 3 };
  const rule = denialsSpike({ db, clock, thresholds });
  const denials = async () => (await rule.look()).map(({ subject, labels }) => `${subject} ${labels?.denials}`);
  for (const ms of [-1_000, -1, 0, day / 2, day / 2, day / 2, day / 2]) await deny(ms);
  expect(await denials()).toEqual(["* 3", "noisy 3"]);
  now = start + 2 * minute;
  expect(await denials()).toEqual([]);
  now = start + day / 2;
  expect(await denials()).toEqual(["* 4", "noisy 4"]);
});

it("takes what is later than now for no evidence that the trail is unavailable: the next that comes is newer", async () => {
  const rule = auditUnavailable(db, clock);
  const evidence = async () => (await rule.look()).map(({ labels, evidenceAt }) => [labels?.refused, evidenceAt]);
  await refuse(day / 2);
  expect(await evidence()).toEqual([]);
  await refuse(-minute);
  expect(await evidence()).toEqual([["1", at(-minute)]]);
  await refuse(0);
  expect(await evidence()).toEqual([["2", at(0)]]);
  now = start + day / 4;
  expect(await evidence()).toEqual([]);
});

it("takes what came in late for evidence that the trail was unavailable, once, by whoever looks first", async () => {
  const placed = (size: number, through: number) =>
    sql`with position as (update audit_position set log_size = ${size})
      update audit_untold set through_log_index = ${through}`.execute(db);
  now = start + day; // nothing of the tests before is recent any more
  const refusals = async (rule: AlertRule) => (await rule.look()).map(({ labels, evidenceAt }) => [labels, evidenceAt]);
  await refuse(day / 3, 4);
  await placed(10, 8);
  const before = auditUnavailable(db, clock);
  expect(await refusals(before)).toEqual([]);
  before.kept?.();
  await refuse(day - 40 * minute, 11);
  await refuse(day - 50 * minute, 12);
  await placed(13, 8);
  const found = [[{ refused: "2" }, at(day - 40 * minute)]];
  expect(await refusals(before)).toEqual(found);
  expect(await refusals(before), "the database went away before it was kept").toEqual(found);
  before.kept?.();
  expect(await refusals(before)).toEqual([]);
  expect(await refusals(auditUnavailable(db, clock))).toEqual(found);
});
