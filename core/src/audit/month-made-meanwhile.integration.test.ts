import { coreWriter, type DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { decisionOf } from "./block.fixtures.ts";
import { decisionColumns } from "./decision-columns.ts";
import { decisionStore } from "./decision-store.postgres.ts";
import { logRecords } from "./log-records.postgres.ts";
import { placeOwn } from "./place-own.postgres.ts";
import { rowsAfter } from "./tail/tail-row.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];
const [old, young] = [decisionOf({ timestamp: "2024-02-03T04:05:06.789Z" }), decisionOf()];
const ids = [old, young].map((record) => record.decision_id);

/** One record lies in the default partition. */
beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
  const rows = [old, young].map((record, nth) => ({
    ...decisionColumns(record as DecisionRecord),
    ...{ log_index: String(nth), stream_sequence: "1" },
  }));
  await db.insertInto("decisions").values(rows).execute();
  await sql`update audit_position set log_size = ${rows.length}`.execute(db);
}, 60_000);
afterAll(() => stack.disposeAsync());

const idsOf = (found: readonly { readonly record: { readonly decision_id: string } }[]) =>
  found.map(({ record }) => record.decision_id);

async function untilWaiting(many: number): Promise<void> {
  const waiting = sql<{ n: number }>`select count(*)::int as n from pg_locks where not granted`;
  const counted = async () => (await waiting.execute(db)).rows[0]?.n;
  await expect.poll(counted, { timeout: 5_000 }).toBe(many);
}

/** What statements give that wait while a month is made. */
async function whileMade<T>(month: string, statements: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const { begun } = await db.transaction().execute(async (tx) => {
    await sql`select ensure_audit_month(${month}::date)`.execute(tx);
    const begun = Promise.all(statements.map((statement) => statement()));
    await untilWaiting(statements.length);
    return { begun };
  });
  return begun;
}

it("misses nothing that is moved into its month while it is read", async () => {
  const store = decisionStore(db);
  const reads = [
    () => rowsAfter(db, -1, 10).then(idsOf), // as a tail
    () =>
      logRecords(db)
        .read(0, 10)
        .then(({ records }) => idsOf(records)), // as a push, or an export of the log
    () => store.search({}, 10).then((found) => idsOf(found).toReversed()),
    () => store.records({}, 10).then((found) => found.map((record) => record.decision_id)),
  ];
  expect(await whileMade("2024-02-01", reads)).toEqual(reads.map(() => ids));
});

it("gives core's own records their places", async () => {
  const record = decisionOf({ timestamp: "2024-03-04T05:06:07.890Z", lane: "core" }) as DecisionRecord;
  await db.insertInto("decisions").values(decisionColumns(record)).execute();
  const placed = {
    record,
    writer: coreWriter,
    subjectWriter: coreWriter,
    streamSequence: 2,
    logIndex: 2,
    storable: true,
  };
  expect(await whileMade("2024-03-01", [() => placeOwn(db, [placed])])).toEqual([[2]]);
});
