import { createLogger, newTrace } from "@vivified/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MigratedDatabase, migratedDatabase } from "../database/migrated-database.fixtures.ts";
import { outboxStore } from "./outbox-store.postgres.ts";
import type { OutboxStore } from "./outbox-store.ts";

const _logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let database: MigratedDatabase;
let outbox: OutboxStore;

beforeAll(async () => {
  database = stack.use(await migratedDatabase());
  outbox = outboxStore(database.db);
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  await database.db.deleteFrom("outbox").execute();
});

const add = (eventType: string) => outbox.add({ eventType, payload: {}, trace: newTrace() });

describe("the outbox's store", () => {
  it("gives an entry to one at a time, and to the next when its lease is over", async () => {
    await add("UserCreated");
    const first = await outbox.claim(300);
    expect([first?.eventType, await outbox.claim(300)]).toEqual(["UserCreated", undefined]);
    await expect.poll(async () => (await outbox.claim(300))?.id, { timeout: 5_000 }).toBe(first?.id);
  });

  it("gives those who ask together different entries", async () => {
    const wanted = ["One", "Two", "Three", "Four"];
    for (const eventType of wanted) await add(eventType);
    const claimed = await Promise.all(wanted.map(() => outbox.claim(10_000)));
    expect(claimed.map((one) => one?.eventType).sort()).toEqual([...wanted].sort());
  });

  it("gives no entry again that was delivered or given up", async () => {
    for (const eventType of ["One", "Two"]) await add(eventType);
    const [one, two] = [await outbox.claim(0), await outbox.claim(10_000)];
    expect(one?.id).toBe(two?.id); // a lease of no time
    await outbox.delivered(one?.id ?? "");
    const other = await outbox.claim(0);
    await outbox.giveUp(other?.id ?? "", "denied");
    expect([await outbox.claim(0), await outbox.waiting()]).toEqual([undefined, 0]);
  });
});
