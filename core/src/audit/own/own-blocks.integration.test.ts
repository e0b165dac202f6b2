import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, coreWriter, type DecisionRecord } from "@vivified/contracts";
import {
  BlockChain,
  type BlockStream,
  createLogger,
  type NatsConnection,
  natsBlockStream,
  newTrace,
  uuidv7,
} from "@vivified/runtime";
import { readChain, testProcessKey } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { Database } from "../../database/open-database.ts";
import { changeRecord } from "../change-record.ts";
import { decisionStore } from "../decision-store.postgres.ts";
import { sameStream } from "../same-stream.nats.ts";
import { ownRecords } from "./own-records.postgres.ts";
import { writeOwnBlocks } from "./write-own-blocks.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let database: Database;

beforeAll(async () => {
  ({ ground, core } = stack.use(await openCoreSuite()));
  stack.defer(() => core[Symbol.asyncDispose]());
  const url = String(ground.env.VIVIFIED_CORE_DATABASE_URL);
  database = stack.use(new Database({ url, logger: createLogger({ process: "test", level: "silent" }) }));
});
afterAll(() => stack.disposeAsync());

const change = (resource: string): DecisionRecord =>
  changeRecord({
    ...{ caller: "tester", action: "change", resource, trace: newTrace() },
    reason: { rule: "test.changed", message: "Changed", fix: "" },
  });
const waiting = () => ownRecords(database.db).waiting(1_000);

async function streamed(): Promise<readonly string[]> {
  await using nats = await ground.nats.connect("reader");
  return (await readChain(nats, coreWriter)).map((record) => record.decision_id);
}

async function limitStream(max_bytes: number): Promise<void> {
  await using nats = await ground.nats.connect("operator");
  await (await jetstreamManager(nats)).streams.update(auditEventsStream.name, { max_bytes });
}

function deps(nats: NatsConnection) {
  const { db } = database;
  return { records: ownRecords(db), mayWrite: () => sameStream(nats, db) };
}

async function own(): Promise<readonly string[]> {
  const rows = await database.db.selectFrom("decisions").select("decision_id").where("lane", "=", "core").execute();
  return rows.map((row) => row.decision_id);
}

describe("core's own records", () => {
  it("stand in the stream, chained, each once, and get their place in the log", async () => {
    const token = await core.logIn();
    const { body } = await core.ask("GET /admin/decisions?action=login", { token });
    const [login] = body.decisions;
    await eventually(async () => {
      const found = await core.ask(`GET /admin/decisions/${login.decision_id}`, { token });
      return found.body.log_index;
    }).toEqual(expect.any(Number));
    await eventually(async () => (await waiting()).length).toBe(0);
    expect([...(await streamed())].sort()).toEqual([...(await own())].sort());
  });

  it("stand there once also when they were committed while core was away or NATS was", async () => {
    await core[Symbol.asyncDispose]();
    await ground.nats.kill();
    const records = Array.from({ length: 1_200 }, (_, nth) => change(`away ${nth}`));
    await decisionStore(database.db).append(records);
    await ground.nats.start();
    core = await TestCore.start(ground);
    await eventually(async () => (await waiting()).length).toBe(0);
    const found = await streamed();
    expect(new Set(found).size).toBe(found.length);
    expect(records.every(({ decision_id }) => found.includes(decision_id))).toBe(true);
  });

  it("wait while the stream is full, and stand there once it has room again", async () => {
    await limitStream(1);
    const records = Array.from({ length: 20 }, (_, nth) => change(`full ${nth}`));
    await decisionStore(database.db).append(records);
    await using nats = await ground.nats.connect("other core");
    const stream = await natsBlockStream({
      connection: nats,
      writer: coreWriter,
      key: testProcessKey,
      timeoutMs: 2_000,
    });
    const chain = new BlockChain({ writer: coreWriter, stream, newId: uuidv7 });
    const refused = async () => await writeOwnBlocks({ ...deps(nats), chain }).then(() => "no", String);
    await eventually(refused).toMatch(/maximum bytes/);
    expect((await waiting()).length).toBeGreaterThanOrEqual(20);
    await limitStream(-1);
    await eventually(async () => (await waiting()).length).toBe(0);
    const found = await streamed();
    expect(new Set(found).size).toBe(found.length);
    expect(records.every(({ decision_id }) => found.includes(decision_id))).toBe(true);
  });

  it("stand there once when another core writes at the same time, whose appends are lost, late or untold", async () => {
    await using nats = await ground.nats.connect("other core");
    const stream = await natsBlockStream({
      connection: nats,
      writer: coreWriter,
      key: testProcessKey,
      timeoutMs: 2_000,
    });
    const chain = new BlockChain({ writer: coreWriter, stream: unreliable(stream), newId: uuidv7 });
    const records: DecisionRecord[] = [];
    for (let round = 0; round < 60; round += 1) {
      const fresh = [change(`round ${round}`), change(`round ${round}`)];
      records.push(...fresh);
      await decisionStore(database.db).append(fresh);
      await writeOwnBlocks({ ...deps(nats), chain }).catch(() => {});
    }
    await eventually(async () => (await waiting()).length).toBe(0);
    const found = await streamed();
    expect(new Set(found).size).toBe(found.length);
    expect(records.filter(({ decision_id }) => !found.includes(decision_id))).toEqual([]);
    const faults = await database.db
      .selectFrom("audit_blocks")
      .select("fault")
      .where("fault", "is not", null)
      .execute();
    expect(faults).toEqual([]);
  });
});

/** Every third append is lost, every third is stored and not told. */
function unreliable(stream: BlockStream): BlockStream {
  let appends = 0;
  return {
    ...stream,
    append: async (block) => {
      appends += 1;
      if (appends % 3 === 1) throw new Error("lost");
      const sequence = await stream.append(block);
      if (appends % 3 === 2) throw new Error("untold");
      return sequence;
    },
  };
}
