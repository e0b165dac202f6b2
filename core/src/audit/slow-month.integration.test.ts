import { type AuditBlock, firstBlockPrevious } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { BatchIntake } from "./batch-intake.ts";
import { decisionOf } from "./block.fixtures.ts";
import type { StreamedBlock } from "./parse-block.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];
const slowMs = 10_000;

/** The default partition holds so much of a month that moving it takes longer than a statement may, as what a hold keeps of one. */
beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase({ statementTimeoutMs: slowMs / 5 })));
  await sql
    .raw(`
    create function slowly() returns trigger language plpgsql as $$
    begin perform pg_sleep(${slowMs / 1_000}); return null; end $$`)
    .execute(db);
  await sql`create trigger slowly after delete on decisions_default execute function slowly()`.execute(db);
}, 60_000);
afterAll(() => stack.disposeAsync());

function blockOf(streamSequence: number, timestamp: string): StreamedBlock {
  const writer = `w${streamSequence}`;
  const records = [decisionOf({ timestamp })];
  const block: AuditBlock = { version: 1, writer, epoch: "e", sequence: 0, previous: firstBlockPrevious, records };
  const stream = { streamSequence, subjectWriter: writer, stampedAt: new Date(), hash: String(streamSequence) };
  return { ...stream, bytes: Buffer.alloc(0), block };
}

const partition = async () => {
  const { rows } = await sql<{ name: string }>`select tableoid::regclass::text as name from decisions`.execute(db);
  return rows.map(({ name }) => name);
};

it("takes records of a month in that takes too long to make, and asks for it no more", async () => {
  const intake = new BatchIntake(db);
  await intake.take([blockOf(1, "2024-02-03T04:05:06.789Z")], () => undefined);
  const beganMs = performance.now();
  await intake.take([blockOf(2, "2024-02-04T04:05:06.789Z")], () => undefined);
  expect(performance.now() - beganMs).toBeLessThan(slowMs / 5);
  expect(await partition()).toEqual(["decisions_default", "decisions_default"]);
});
