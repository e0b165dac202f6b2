import { type AuditBlock, firstBlockPrevious } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database } from "../database/open-database.ts";
import { BatchIntake } from "./batch-intake.ts";
import { decisionOf } from "./block.fixtures.ts";
import type { IngestResult } from "./ingest-blocks.ts";
import type { StreamedBlock } from "./parse-block.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
}, 60_000);
afterAll(() => stack.disposeAsync());

/** One block in a place of the stream, each of a writer of its own. */
function streamed(streamSequence: number, changes: Partial<AuditBlock> = {}): StreamedBlock {
  const [writer, hash] = [`w${streamSequence}`, String(streamSequence).repeat(64)];
  const records = [decisionOf()];
  const block = { version: 1, writer, epoch: "e", sequence: 0, previous: firstBlockPrevious, records, ...changes };
  return {
    streamSequence,
    subjectWriter: writer,
    stampedAt: new Date(),
    bytes: Buffer.alloc(0),
    hash,
    block,
  } as StreamedBlock;
}

/** A server that cannot hold the second block, and is away when the third one comes. */
async function fail(): Promise<void> {
  await sql`create function fail() returns trigger language plpgsql as $$
    begin
      if new.stream_sequence = 2 and new.fault is distinct from 'unstorable' then raise sqlstate '22P05'; end if;
      if new.stream_sequence = 3 then raise sqlstate '57P03'; end if;
      return new;
    end $$`.execute(db);
  await sql`create trigger fail before insert on audit_blocks for each row execute function fail()`.execute(db);
}

it("tells of every block that was kept, once, also where one behind it fails", async () => {
  await fail();
  const intake = new BatchIntake(db);
  const batch = [streamed(1, { sequence: 7 }), streamed(2), streamed(3)];
  const told: IngestResult[] = [];
  const committed = (result: IngestResult) => void told.push(result);
  await expect(intake.take(batch, committed)).rejects.toThrow(VivifiedError);
  expect(told).toMatchObject([
    { taken: 1, breaks: [{ streamSequence: 1, fault: "broken_sequence" }] },
    { taken: 1, breaks: [{ streamSequence: 2, fault: "unstorable" }] },
  ]);
  await sql`drop trigger fail on audit_blocks`.execute(db);
  await intake.take(batch, committed);
  expect(told.slice(2)).toEqual([{ taken: 1, breaks: [] }]);
});
