import { createLogger, systemClock } from "@vivified/runtime";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { coreConfig } from "./config.ts";
import { eventually, TestGround } from "./core.fixtures.ts";
import { migrate } from "./database/migrate.ts";
import { Database } from "./database/open-database.ts";
import { startRetention } from "./start-retention.ts";

const stack = new AsyncDisposableStack();
const logger = createLogger({ process: "test", level: "silent" });
let ground: TestGround;
let db: Database["db"];

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  const url = String(ground.env.VIVIFIED_CORE_DATABASE_URL);
  ({ db } = stack.use(new Database({ url, logger })));
  await migrate(db);
});
afterAll(() => stack.disposeAsync());

const blocks = async () => (await db.selectFrom("audit_blocks").select("stream_sequence").execute()).length;

it("deletes nothing by a clock that others do not share, and what is old once they do", async () => {
  const place = { stream_sequence: "1", writer: "w", epoch: "e", sequence: "0", previous: "", hash: "", records: 0 };
  const kept = { fault: null, content: null, ingested_at: new Date("2026-11-01T00:00:00Z") };
  await db
    .insertInto("audit_blocks")
    .values({ ...place, ...kept })
    .execute();
  await db.updateTable("audit_position").set({ stream_sequence: "1" }).execute();
  let asked = 0;
  let trusted = false;
  const clockTrusted = () => {
    asked += 1;
    return trusted;
  };
  const nats = stack.use(await ground.nats.connect("core"));
  const clock = { ...systemClock, now: () => new Date("2040-01-01T00:00:00Z") };
  const foundation = { config: coreConfig(ground.env), db, nats, clock, logger };
  const metrics = { registry: new Registry() };
  startRetention(foundation, { metrics, receivers: [], clockTrusted }, stack);
  await eventually(() => asked).toBeGreaterThan(2);
  expect(await blocks()).toBe(1);
  trusted = true;
  await eventually(blocks).toBe(0);
});
