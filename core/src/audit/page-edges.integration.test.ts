import { DecisionQuery, type DecisionRecord, RecordQuery } from "@vivified/contracts";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { decisionOf } from "./block.fixtures.ts";
import { decisionColumns } from "./decision-columns.ts";
import { decisionStore } from "./decision-store.postgres.ts";
import { exportLines } from "./export/export-lines.ts";
import { listRecords } from "./list-records.ts";
import { searchDecisions } from "./search-decisions.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];
const long = "\u{1D11E}".repeat(64);
/** Whatever a writer of blocks may call a decision, all at one time. */
const ids = ["a", "a a", "a b", "a \ud800", "nul \u0000 0", long];
const decisions = [...ids, ...Array.from({ length: 450 }, (_, nth) => `nul \u0000 ${nth + 1}`)];

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
  const records = decisions.map((id) => decisionOf({ decision_id: id, timestamp: "2026-11-20T00:00:00.123456Z" }));
  const rows = records.map((record) => decisionColumns(record as DecisionRecord));
  await db.insertInto("decisions").values(rows).execute();
}, 60_000);
afterAll(() => stack.disposeAsync());

const sorted = (all: readonly string[]) => all.map((id) => id.toWellFormed()).toSorted();

it("gives each decision once, whatever ids the pages of a search or of a replay end with", async () => {
  const store = decisionStore(db);
  const [found, replayed] = [[] as string[], [] as string[]];
  let before: string | undefined;
  do {
    const query = { limit: 1, ...(before !== undefined && { before }) };
    expect(Compile(DecisionQuery).Check(query)).toBe(true);
    const page = await searchDecisions(query, store);
    found.push(...page.decisions.map(({ decision_id }) => decision_id));
    before = page.next;
  } while (before !== undefined);
  let after: string | undefined;
  do {
    const query = { limit: 1, ...(after !== undefined && { after }) };
    expect(Compile(RecordQuery).Check(query)).toBe(true);
    const page = await listRecords(query, store);
    replayed.push(...page.records.map((record) => String(record.decision_id)));
    after = page.next;
  } while (after !== undefined);
  expect(sorted(found)).toEqual(sorted(decisions));
  expect(sorted(replayed)).toEqual(sorted(decisions));
});

it("exports all of them", async () => {
  const lines = (await Array.fromAsync(exportLines({ format: "ndjson", filter: {} }, decisionStore(db)))).join("");
  const exported = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { decision_id: string });
  expect(sorted(exported.map(({ decision_id }) => decision_id))).toEqual(sorted(decisions));
});
