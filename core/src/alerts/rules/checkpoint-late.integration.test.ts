import { createLogger } from "@vivified/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import type { Database } from "../../database/open-database.ts";
import { checkpointLate } from "./checkpoint-late.ts";

const stack = new AsyncDisposableStack();
const _logger = createLogger({ process: "test", level: "silent" });
let db: Database["db"];
let ms = 0;
const clock = { now: () => new Date(ms), monotonicMs: () => ms };

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
});
afterAll(() => stack.disposeAsync());

const grow = (size: number) =>
  db
    .updateTable("audit_position")
    .set({ log_size: String(size) })
    .execute();
const sign = (size: number) =>
  db
    .insertInto("log_checkpoints")
    .values({ size: String(size), root: "", note: "", made_at: new Date() })
    .execute();

it("is found once records have waited for too long, however long ago the last checkpoint was signed", async () => {
  const rule = checkpointLate({ db, clock, lateMs: 300_000 });
  const subjects = async (at: number) => {
    ms = at;
    return (await rule.look()).map(({ message }) => message);
  };
  expect(await subjects(0)).toEqual([]);
  await grow(7);
  expect(await subjects(10_000_000)).toEqual([]);
  expect(await subjects(10_299_999)).toEqual([]);
  expect(await subjects(10_300_000)).toEqual([expect.stringContaining("7 records wait behind the first 0")]);
  await sign(5);
  expect(await subjects(10_300_001)).toEqual([]);
  expect(await subjects(10_600_001)).toEqual([expect.stringContaining("2 records wait behind the first 5")]);
  await sign(7);
  expect(await subjects(10_600_002)).toEqual([]);
});
