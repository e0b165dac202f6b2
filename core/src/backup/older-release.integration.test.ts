import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@vivified/runtime";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";
import { migrate } from "../database/migrate.ts";
import { migrations } from "../database/migrations.ts";
import { Database } from "../database/open-database.ts";
import { logIdentity } from "../transparency/index.ts";
import { environmentOf, freshGround, keeping, logger, rulesIn } from "./drill.fixtures.ts";
import { makeBackup } from "./make-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

const stack = new AsyncDisposableStack();
const names = Object.keys(migrations).toSorted();
/** The last that changed a function and nothing else: this release can write into what the one before it had. */
const before = names.slice(0, names.indexOf("030-month-locks"));
let ground: TestGround;
let backup: string;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  backup = join(ground.directory, "backup");
});
afterAll(() => stack.disposeAsync());

async function restored(directory: string, onto: TestGround) {
  const { vkey } = logIdentity(await readFile(join(ground.directory, "audit-log.pem"), "utf8"), "vivified.local");
  await using nats = await onto.nats.connect("installer");
  return await restoreBackup(directory, { ...environmentOf(onto), ...keeping(onto, nats), vkey });
}

describe("a backup that another release made", () => {
  it("is restored under its own schema, which is brought up to date, when that release is older", async () => {
    await using nats = await ground.nats.connect("installer");
    await using old = new Database({ url: environmentOf(ground).databaseUrl, logger });
    await migrate(old.db, Object.fromEntries(Object.entries(migrations).filter(([name]) => before.includes(name))));
    const parts = { ...environmentOf(ground), ...keeping(ground, nats), clock: systemClock };
    const { migrations: theirs } = await makeBackup(backup, parts);
    expect(theirs).toEqual(before);
    const fresh = stack.use(await freshGround(ground));
    await restored(backup, fresh);
    await using database = new Database({ url: environmentOf(fresh).databaseUrl, logger });
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database.db);
    expect(rows.map(({ name }) => name)).toEqual(names);
    await using core = await TestCore.start(fresh);
    const [decision, token] = [decisionOf(), await core.logIn()];
    await new BlockWriter(stack.use(await fresh.nats.connect("gateway")), "after").write([decision]);
    await eventually(
      async () => (await core.ask(`GET /admin/decisions/${decision.decision_id}`, { token })).status,
    ).toBe(200);
    expect(await rulesIn(core, "backup.taken")).toHaveLength(1);
  });

  it("is refused when that release is a later one, and nothing is restored", async () => {
    const later = join(ground.directory, "later");
    await cp(backup, later, { recursive: true });
    const manifest = JSON.parse(await readFile(join(later, "manifest.json"), "utf8"));
    await writeFile(
      join(later, "manifest.json"),
      JSON.stringify({ ...manifest, migrations: [...names, "999-from-later"] }),
    );
    const fresh = stack.use(await freshGround(ground));
    await expect(restored(later, fresh)).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("later release"),
    });
    await expect(restored(backup, fresh), "every place was left empty").resolves.toBeDefined();
  });
});
