import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { type AuditRecord, auditEventsStream, buckets, policyStatusKey } from "@vivified/contracts";
import { type NatsConnection, uuidv7 } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "./block.fixtures.ts";
import { holdIngest } from "./held-ingest.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  const soon = { VIVIFIED_CORE_ALERT_INTERVAL_MS: "100", VIVIFIED_CORE_ALERT_INGEST_LATE_MS: "1000" };
  ({ ground, core, nats, token } = stack.use(await openCoreSuite({ ground: soon })));
});
afterAll(() => stack.disposeAsync());

const get = async (path: string) => (await core.ask(`GET /admin/${path}`, { token })).body;
const found = async ({ decision_id }: AuditRecord) =>
  (await core.ask(`GET /admin/decisions/${decision_id}`, { token })).status;
const stateOf = async (rule: string) =>
  (await get("alerts")).alerts.find((alert: { rule: string }) => alert.rule === rule)?.state;
const limitStream = async (max_bytes: number) =>
  (await jetstreamManager(nats)).streams.update(auditEventsStream.name, { max_bytes });

describe("a trail that is late", () => {
  it("because PostgreSQL is slow is told of, holds up no gateway, and loses nothing", async () => {
    const writer = new BlockWriter(nats, "unhurried");
    const records = Array.from({ length: 200 }, () => decisionOf());
    {
      await using _held = await holdIngest(ground);
      for (const record of records) await writer.write([record]); // resolves once it is durable: what lanes wait for
      await eventually(() => stateOf("ingest_late")).toBe("open");
      expect(await Promise.all(records.slice(-3).map(found))).toEqual([404, 404, 404]);
    }
    await eventually(async () => (await Promise.all(records.slice(-3).map(found))).join()).toBe("200,200,200");
    await eventually(() => stateOf("ingest_late")).toBe("resolved");
    expect(await Promise.all(records.map(found))).toEqual(records.map(() => 200));
    expect((await get("audit/faults")).faults).toEqual([]);
  });

  it("because the stream is full is told of, though nothing of it can be in the stream", async () => {
    await limitStream(1);
    await core.logIn();
    await eventually(() => stateOf("own_blocks_late")).toBe("open");
    await limitStream(-1);
    await eventually(() => stateOf("own_blocks_late")).toBe("resolved");
  });
});

describe("a trail that fills its room", () => {
  it("is told of while lanes still work, and no more once there is room again", async () => {
    const { bytes } = (await (await jetstreamManager(nats)).streams.info(auditEventsStream.name)).state;
    await limitStream(2 * bytes);
    const writer = new BlockWriter(nats, "plenty");
    const fill = Array.from({ length: 100 }, () => decisionOf());
    for (let told = false; !told; told = (await stateOf("trail_filling")) === "open")
      await writer.write(fill.splice(0, 5));
    await limitStream(-1);
    await eventually(() => stateOf("trail_filling")).toBe("resolved");
  });
});

describe("a gateway whose clock is wrong", () => {
  it("is told of, by what NATS says when it spoke", async () => {
    const bucket = await new Kvm(nats).open(buckets.policyStatus);
    const say = async (offMs: number) => {
      const reported_at = new Date(Date.now() + offMs).toISOString();
      const status = { writer: "gateway-late", activation: 0, reported_at };
      await bucket.put(policyStatusKey("gateway-late"), JSON.stringify(status));
    };
    await say(0);
    await say(-hour);
    await eventually(async () => (await get("alerts?limit=1")).alerts).toMatchObject([
      { rule: "clock_skewed", subject: "gateway gateway-late", severity: "critical", state: "open" },
    ]);
  });
});

const [hour, day] = [3_600_000, 86_400_000];

describe("records of a clock that went back", () => {
  it.each([
    ["an hour", () => Date.now() - hour],
    ["forty days", () => Date.now() - 40 * day],
    ["until 1970", () => 0],
  ])("%s are one chain, lose nothing, tell the time they had, and stand in the log in their order", async (_, then) => {
    const name = `jumping-${uuidv7()}`;
    const writer = new BlockWriter(nats, name);
    const before = decisionOf({ caller: name });
    const decidedMs = then();
    const id = idAt(decidedMs);
    const timestamp = new Date(decidedMs + 1).toISOString();
    const back = decisionOf({ caller: name, decision_id: id, timestamp });
    const after = decisionOf({ caller: name });
    await writer.write([before, outcomeOf(before, { timestamp })]);
    await writer.write([back, outcomeOf(back)]);
    await writer.write([after]);
    await eventually(() => found(after)).toBe(200);
    const whole = await Promise.all([before, back, after].map((one) => get(`decisions/${one.decision_id}`)));
    expect(whole.map((one) => one.log_index)).toEqual(whole.map((one) => one.log_index).toSorted((a, b) => a - b));
    expect(whole.map((one) => one.outcome?.outcome)).toEqual(["done", "done", undefined]);
    expect(whole[1]).toMatchObject({ timestamp, outcome: { timestamp: expect.stringMatching(/^20/) } });
    const { decisions } = await get(`decisions?caller=${name}`);
    const ids = decisions.map((row: { decision_id: string }) => row.decision_id);
    expect(ids).toEqual([after, before, back].map((one) => one.decision_id));
    expect((await get("audit/faults")).faults).toEqual([]);
  });
});

/** A UUIDv7 as a gateway made it whose clock told this time. */
function idAt(timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-${uuidv7().slice(14)}`;
}
