import type { DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import type { Database } from "../../database/open-database.ts";
import { decisionOf } from "../block.fixtures.ts";
import { shapeOf } from "./decision-shape.ts";
import { shapeIds } from "./shape-ids.postgres.ts";

const stack = new AsyncDisposableStack();
let db: Database["db"];

beforeAll(async () => {
  ({ db } = stack.use(await migratedDatabase()));
}, 60_000);
afterAll(() => stack.disposeAsync());
beforeEach(() => sql`truncate decision_shapes restart identity`.execute(db));

const ofCaller = (caller: string, resource = "r") => ({
  shape: shapeOf(decisionOf({ caller, resource }) as DecisionRecord),
  at: new Date("2026-11-27T10:20:00Z"),
});
const rows = async () => {
  const told = await sql<{ caller: string; resource: string | null; wide: boolean }>`
    select caller, resource, wide from decision_shapes order by id`.execute(db);
  return told.rows;
};

it("takes an id for a shape once, however often it comes, and beside whatever else", async () => {
  const [first] = await shapeIds(db, [ofCaller("a")]);
  for (let n = 0; n < 20; n++) await shapeIds(db, [ofCaller("a"), ofCaller(`b${n}`), ofCaller("a"), ofCaller(`b${n}`)]);
  expect(await shapeIds(db, [ofCaller("a"), ofCaller("last")])).toEqual([first, "22"]);
  expect(await rows()).toHaveLength(22);
});

it("keeps shapes apart until there are too many rows, whatever ids they have", async () => {
  await sql`alter table decision_shapes alter column id restart with 500000`.execute(db);
  await shapeIds(db, [ofCaller("a")], 2);
  await shapeIds(db, [ofCaller("b")], 2);
  const [known, ...wide] = await shapeIds(db, [ofCaller("a"), ofCaller("c", "r1"), ofCaller("c", "r2")], 2);
  expect(wide).toEqual(["500002", "500002"]);
  expect(known).toBe("500000");
  expect(await shapeIds(db, [ofCaller("c", "r3"), ofCaller("d")], 2)).toEqual(["500002", "500003"]);
  expect(await rows()).toEqual([
    { caller: "a", resource: "r", wide: false },
    { caller: "b", resource: "r", wide: false },
    { caller: "c", resource: null, wide: true },
    { caller: "d", resource: null, wide: true },
  ]);
});
