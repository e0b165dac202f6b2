import type { AuditRecord, DecisionRecord } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { ensureMonths, monthsOf } from "./audit-months.ts";
import { decisionOf, outcomeOf } from "./block.fixtures.ts";
import { decisionColumns } from "./decision-columns.ts";
import { makersOf } from "./makers-of.postgres.ts";
import { unplacedColumns } from "./unplaced-columns.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];
let blocks = 0;

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
}, 60_000);
afterAll(() => stack.disposeAsync());

/** A decision that was taken in: from a block of a writer, from one that is gone, or core's own that no block has. */
async function keep(record: AuditRecord, writer: string | "gone" | "no block"): Promise<AuditRecord> {
  blocks += 1;
  await ensureMonths(db, monthsOf([new Date(record.timestamp)], new Date()));
  const place = { streamSequence: blocks, logIndex: blocks, shapeId: "1" };
  const row = decisionColumns(record as DecisionRecord, writer === "no block" ? undefined : place);
  await db.insertInto("decisions").values(row).execute();
  if (writer === "gone" || writer === "no block") return record;
  const block = {
    stream_sequence: String(blocks),
    writer,
    epoch: "e",
    sequence: String(blocks),
    previous: "",
    hash: "",
  };
  await db
    .insertInto("audit_blocks")
    .values({ ...block, records: 1, fault: null, ingested_at: new Date() })
    .execute();
  return record;
}

const makerOf = async (record: AuditRecord) => {
  const placed = { logIndex: 0, streamSequence: 0, subjectWriter: "w", writer: "w", storable: true };
  const makers = await makersOf(db, [{ record, ...placed }]);
  return [makers.has(record.decision_id), makers.get(record.decision_id)];
};

it.each([
  ["the process on whose subject its block stands", "gateway-1-3", "gateway-1"],
  ["core, where no block has it yet", "no block", "core"],
  ["nobody, where its block is gone: the id is taken all the same", "gone", undefined],
])("finds %s", async (_, writer, maker) => {
  expect(await makerOf(await keep(decisionOf(), writer))).toEqual([true, maker]);
});

it("finds who took an id with a decision that got no row, and not who only repeated it", async () => {
  const [taken, repeated] = [decisionOf(), decisionOf()];
  blocks += 1;
  const block = {
    stream_sequence: String(blocks),
    writer: "gateway-1-0",
    epoch: "e",
    sequence: "0",
    previous: "",
    hash: "",
  };
  await db
    .insertInto("audit_blocks")
    .values({ ...block, records: 2, fault: "unstorable", ingested_at: new Date() })
    .execute();
  const rows = [taken, repeated].map((record, nth) => ({
    ...{ log_index: String(1_000 + nth), occurred_at: new Date(), record: "{}", stream_sequence: String(blocks) },
    ...unplacedColumns(record, record === taken),
  }));
  await db.insertInto("audit_unplaced").values(rows).execute();
  expect(await makerOf(taken)).toEqual([true, "gateway-1"]);
  expect(await makerOf(repeated)).toEqual([false, undefined]);
});

it("finds nothing of an id that nobody used", async () => {
  expect(await makerOf(decisionOf())).toEqual([false, undefined]);
});

it.each(["0000-01-01T00:00:00Z", "1969-07-20T20:17:40Z", "2021-02-28T23:59:59Z"])(
  "finds a decision of %s by what its outcome or its id says, and not by another time",
  async (timestamp) => {
    const undated = await keep(decisionOf({ timestamp, decision_id: `undated ${timestamp}` }), "gateway-1-0");
    expect(await makerOf(outcomeOf(undated, { timestamp }))).toEqual([true, "gateway-1"]);
    expect(await makerOf(outcomeOf(undated))).toEqual([false, undefined]);
  },
);

it("finds the first of two in different months", async () => {
  const decision_id = uuidv7();
  const first = await keep(decisionOf({ decision_id }), "gateway-1-0");
  await keep(decisionOf({ decision_id, timestamp: "2021-02-15T00:00:00Z" }), "gateway-2-0");
  expect(await makerOf(outcomeOf(first, { timestamp: "2021-02-15T00:00:00Z" }))).toEqual([true, "gateway-1"]);
});
