import type { DecisionRecord } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decisionOf } from "../audit/block.fixtures.ts";
import { backupLock } from "../database/backup-lock.ts";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";
import { applyRetention } from "./apply-retention.ts";
import { RetentionGround } from "./retention.fixtures.ts";

const stack = new AsyncDisposableStack();
let postgres: TestPostgres;
let ground: RetentionGround;

beforeAll(async () => {
  postgres = stack.use(await startPostgres());
});
beforeEach(async () => {
  ground = stack.use(await RetentionGround.on(postgres));
});
afterAll(() => stack.disposeAsync());

describe("a turn of retention", () => {
  it("takes blocks out of the stream, and their rows, only as far as they are old", async () => {
    await ground.keep("2025-01-01T00:00:00.000Z");
    await ground.keep("2026-11-01T00:00:00.000Z");
    const young = ground.places;
    await applyRetention(ground.deps());
    expect(ground.purges).toEqual([young]);
    const blocks = await ground.db.selectFrom("audit_blocks").select("stream_sequence").execute();
    expect(blocks.map((row) => Number(row.stream_sequence))).toEqual([young]);
    const [purged] = await storesOf(ground.db).decisions.search({ rule: "audit.stream_purged" }, 5);
    expect(purged?.record.labels).toMatchObject({ first_kept: String(young) });
  });

  it("takes no block out of the stream that was not taken in yet, however old all others are", async () => {
    await ground.keep("2025-01-01T00:00:00.000Z");
    await applyRetention(ground.deps());
    expect(ground.purges).toEqual([ground.places + 1]);
  });

  it("says that blocks went before they go, and takes them away when it died in between", async () => {
    await ground.keep("2025-01-01T00:00:00.000Z");
    await ground.keep("2026-11-01T00:00:00.000Z");
    const dying = applyRetention({ ...ground.deps(), purge: () => Promise.reject(new Error("the lights went out")) });
    await expect(dying).rejects.toThrow("the lights went out");
    const purged = async () => storesOf(ground.db).decisions.search({ rule: "audit.stream_purged" }, 5);
    expect(await ground.db.selectFrom("audit_blocks").select("stream_sequence").execute()).toHaveLength(1);
    expect(await purged()).toHaveLength(1);
    await applyRetention(ground.deps());
    expect(ground.purges).toEqual([ground.places]);
    expect(await purged()).toHaveLength(1);
  });

  it("leaves blocks in the stream while a backup is under way", async () => {
    await ground.keep("2025-01-01T00:00:00.000Z");
    await ground.db.connection().execute(async (backup) => {
      await sql`select pg_advisory_lock_shared(hashtext(${backupLock}))`.execute(backup);
      await applyRetention(ground.deps());
      expect(ground.purges).toEqual([]);
      await sql`select pg_advisory_unlock_shared(hashtext(${backupLock}))`.execute(backup);
    });
    await applyRetention(ground.deps());
    expect(ground.purges).toHaveLength(1);
  });

  it("is undone as a whole when it dies before the end of a month", async () => {
    const old = await ground.keep("2025-09-01T00:00:00.000Z");
    await sql`create function die() returns trigger language plpgsql as $$ begin raise 'the lights went out'; end $$`.execute(
      ground.db,
    );
    await sql`create trigger die before insert on decisions for each row when (new.lane = 'core') execute function die()`.execute(
      ground.db,
    );
    await expect(applyRetention(ground.deps())).rejects.toThrow("the lights went out");
    expect(await ground.ids()).toEqual([old]);
    expect(await ground.partitions()).toContain("decisions_2025_09");
    await sql`drop trigger die on decisions`.execute(ground.db);
    await applyRetention(ground.deps());
    expect(await ground.ids()).toEqual([]);
    expect(await ground.told()).toHaveLength(1);
  });

  it("waits for a reader that does not end without stopping those who write, and tries again", async () => {
    await ground.keep("2025-09-01T00:00:00.000Z");
    const reading = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const reader = ground.db.transaction().execute(async (tx) => {
      await tx.selectFrom("decisions").select("decision_id").execute();
      begun.resolve();
      await reading.promise;
    });
    await begun.promise;
    let written = 0;
    let deleting = true;
    const turn = applyRetention({ ...ground.deps(), lockAttempts: 3 }).finally(() => {
      deleting = false;
    });
    for (; deleting; written += 1)
      await storesOf(ground.db).decisions.append([decisionOf({ lane: "egress" }) as DecisionRecord]);
    await turn;
    expect(written).toBeGreaterThan(10);
    expect([await ground.told(), await ground.ids(), await ground.counted()]).toMatchObject([[], { length: 1 }, 1]);
    reading.resolve();
    await reader;
    await applyRetention({ ...ground.deps(), lockAttempts: 3 });
    expect([await ground.told(), await ground.ids(), await ground.counted()]).toMatchObject([{ length: 1 }, [], 0]);
  });

  it("is not done twice by two cores at once", async () => {
    await ground.keep("2025-09-01T00:00:00.000Z");
    await Promise.all([applyRetention(ground.deps()), applyRetention(ground.deps())]);
    expect((await ground.told()).filter(({ decisions }) => decisions === "1")).toHaveLength(1);
  });
});
