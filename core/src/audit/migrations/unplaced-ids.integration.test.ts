import { canonicalRecord } from "@vivified/contracts";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import type { Database } from "../../database/open-database.ts";
import { decisionOf, outcomeOf } from "../block.fixtures.ts";
import { up } from "./029-unplaced-ids.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
}, 60_000);
afterAll(() => stack.disposeAsync());

const key = "01a2b3c4-0000-7000-8000-000000000000";
const kept = { subject: "s", key, jwe: "" };

/** A block of a trail from before, none of whose records has a row. */
async function fillAsBefore(records: readonly ReturnType<typeof decisionOf>[], fault: string): Promise<void> {
  const count = await db.selectFrom("audit_unplaced").select("log_index").execute();
  const stream_sequence = String(count.length);
  const block = { stream_sequence, writer: "w", epoch: "e", sequence: "0", previous: "", hash: "", records: 1 };
  await db
    .insertInto("audit_blocks")
    .values({ ...block, fault, ingested_at: new Date() })
    .execute();
  const rows = records.map((record, nth) => ({
    ...{
      log_index: String(count.length + nth),
      occurred_at: new Date(),
      record: canonicalRecord(record),
      stream_sequence,
    },
  }));
  await db.insertInto("audit_unplaced").values(rows).execute();
}

it("finds ids that were taken, and keys, in what is there already: more than a page of it", async () => {
  await sql`alter table audit_unplaced drop column decision_id, drop column kept_key`.execute(db);
  const lost = [decisionOf({ decision_id: "a\u0000b", resource: "\u0000" }), decisionOf({ decision_id: "c", kept })];
  await fillAsBefore([...lost, outcomeOf(decisionOf())], "unstorable");
  const replays = Array.from({ length: 60 }, () => decisionOf({ labels: { key } }));
  await fillAsBefore(
    [...replays, decisionOf({ kept }), decisionOf({ kept: { ...kept, key: "x".repeat(9_000) } })],
    "replayed",
  );
  await up(db as unknown as Kysely<unknown>);
  const found = db.selectFrom("audit_unplaced").select(["log_index", "decision_id", "kept_key"]);
  const rows = found.where(({ or, eb }) => or([eb("decision_id", "is not", null), eb("kept_key", "is not", null)]));
  expect(await rows.orderBy("log_index").execute()).toEqual([
    { log_index: "0", decision_id: "a\uFFFDb", kept_key: null },
    { log_index: "1", decision_id: "c", kept_key: key },
    { log_index: "63", decision_id: null, kept_key: key },
  ]);
});
