import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@vivified/runtime";
import { sql } from "kysely";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestGround } from "../core.fixtures.ts";
import { backupLock } from "../database/backup-lock.ts";
import { applyRetention } from "../retention/apply-retention.ts";
import { placeHold } from "../retention/change-holds.ts";
import { by, RetentionGround } from "../retention/retention.fixtures.ts";
import { environmentOf, keeping } from "./drill.fixtures.ts";
import { makeBackup } from "./make-backup.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let trail: RetentionGround;
let databaseUrl: string;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  trail = stack.use(await RetentionGround.on(ground.postgres));
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(trail.db);
  const url = new URL(environmentOf(ground).databaseUrl);
  url.pathname = `/${rows[0]?.name}`;
  databaseUrl = url.href;
});
afterAll(() => stack.disposeAsync());

/** How many locks of a kind are waited for. */
const waiting = async (kind: "relation" | "advisory") =>
  (await sql`select from pg_locks where locktype = ${kind} and not granted`.execute(trail.db)).rows.length;

async function make(directory: string) {
  await using nats = await ground.nats.connect("installer");
  const parts = { ...environmentOf(ground), ...keeping(ground, nats), databaseUrl, clock: systemClock };
  return await makeBackup(directory, parts);
}

describe("a backup beside retention", () => {
  it("has a month that is dropped meanwhile, or what a hold kept of it", async () => {
    const held = await trail.keep("2025-09-02T00:00:00.000Z", { caller: "suspect" });
    await placeHold({ reason: "case 7", caller: "suspect" }, by("ann"), trail.holds());
    const directory = join(ground.directory, "backup");
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query("begin; lock table audit_leaves in access exclusive mode"); // the copy takes its time
    const making = make(directory);
    await eventually(() => waiting("relation")).toBe(1);
    await applyRetention(trail.deps());
    expect(await trail.partitions()).not.toContain("decisions_2025_09");
    expect(await trail.ids()).toEqual([held]);
    await client.end();
    await making;
    for (const table of ["decisions", "decision_outcomes"])
      expect(await readFile(join(directory, "database", `${table}.copy`), "utf8"), table).toContain(held);
  });

  it("waits for it, and it for the backup: no block leaves the stream between the copies of rows and stream", async () => {
    const making = await trail.db.transaction().execute(async (purging) => {
      await sql`select pg_advisory_xact_lock(hashtext(${backupLock}))`.execute(purging);
      const made = make(join(ground.directory, "waiting"));
      made.catch(() => undefined);
      await eventually(() => waiting("advisory")).toBe(1);
      return { made };
    });
    expect((await making.made).files.map(({ path }) => path)).toContain("streams/AUDIT_EVENTS");
  });
});
