import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { createLogger, type NatsConnection, systemClock } from "@vivified/runtime";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { publishBlock } from "./audit/block.fixtures.ts";
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

const nats = () => ground.nats.connect("core");

function start(connection: NatsConnection, clockTrusted: () => boolean): void {
  const clock = { ...systemClock, now: () => new Date("2040-01-01T00:00:00Z") };
  const foundation = { config: coreConfig(ground.env), db, nats: connection, clock, logger };
  startRetention(foundation, { metrics: { registry: new Registry() }, receivers: [], clockTrusted }, stack);
}

async function keepBlock(stream_sequence: string, came: string): Promise<void> {
  const place = { stream_sequence, writer: "w", epoch: "e", sequence: "0", previous: "", hash: "", records: 0 };
  const row = { ...place, fault: null, content: null, ingested_at: new Date(came) };
  await db.insertInto("audit_blocks").values(row).execute();
  await db.updateTable("audit_position").set({ stream_sequence }).execute();
}

it("deletes nothing by a clock that others do not share, and what is old once they do", async () => {
  await keepBlock("1", "2026-11-01T00:00:00Z");
  let asked = 0;
  let trusted = false;
  const clockTrusted = () => {
    asked += 1;
    return trusted;
  };
  start(stack.use(await nats()), clockTrusted);
  await eventually(() => asked).toBeGreaterThan(2);
  expect(await blocks()).toBe(1);
  trusted = true;
  await eventually(blocks).toBe(0);
});

it("deletes no block of a stream that took the place of the one that was taken in", async () => {
  await keepBlock("2", "2026-11-01T00:00:00Z");
  await keepBlock("5", "2039-11-01T00:00:00Z");
  const connection = stack.use(await nats());
  for (const _ of [1, 2]) await publishBlock(connection, "gateway-1", "{}");
  let asked = 0;
  const clockTrusted = () => {
    asked += 1;
    return true;
  };
  start(stack.use(await nats()), clockTrusted);
  await eventually(blocks).toBe(1);
  await eventually(() => asked).toBeGreaterThan(1);
  const { streams } = await jetstreamManager(connection);
  expect((await streams.info(auditEventsStream.name)).state.messages).toBe(2);
});
