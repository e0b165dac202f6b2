import { sql } from "kysely";
import { afterAll, expect, it } from "vitest";
import { migratedDatabase } from "../database/migrated-database.fixtures.ts";
import { knownBlocks } from "./known-blocks.ts";

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

it("gives the blocks that the rows know in the order of the stream, over as many pages as they take", async () => {
  const { db } = stack.use(await migratedDatabase());
  expect(await Array.fromAsync(knownBlocks(db))).toEqual([]);
  await sql`
    insert into audit_blocks (stream_sequence, writer, epoch, sequence, previous, hash, records, ingested_at)
    select n, 'w', 'e', n, '', 'hash ' || n, 1, now() from generate_series(20004, 5, -1) as n`.execute(db);
  const known = await Array.fromAsync(knownBlocks(db));
  expect(known).toHaveLength(20_000);
  expect(known.every(({ sequence, hash }, at) => sequence === at + 5 && hash === `hash ${sequence}`)).toBe(true);
});
