import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { jetstream } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { type Alert, type AuditRecord, auditBlockPrefix, canonicalJson, firstBlockPrevious } from "@vivified/contracts";
import { type NatsConnection, processOf, uuidv7 } from "@vivified/runtime";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { othersSubject } from "../alerts/bound-findings.ts";
import { eventually, type TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf, publishBlock, type SignedWith } from "./block.fixtures.ts";
import { enrol } from "./enrol.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  const soon = { VIVIFIED_CORE_ALERT_INTERVAL_MS: "100" };
  ({ ground, core, nats, token } = stack.use(await openCoreSuite({ ground: soon })));
});
afterAll(() => stack.disposeAsync());

const get = async (path: string) => (await core.ask(`GET /admin/${path}`, { token })).body;
const newestBreak = async () => {
  const [row] = (await get("decisions?rule=audit.chain_broken&limit=1")).decisions;
  return get(`decisions/${row?.decision_id}`);
};
/** The alert that tells of a break: the writer's own, or after ten of them that of all others. */
const alertOf = (subject: string, since: string) => ({
  asymmetricMatch: (alert: Alert) =>
    alert.rule === "audit_verification_failed" &&
    alert.severity === "critical" &&
    (alert.subject === subject || alert.subject === othersSubject) &&
    alert.evidence_at >= since,
});
const found = async ({ decision_id }: AuditRecord) =>
  (await core.ask(`GET /admin/decisions/${decision_id}`, { token })).status;
async function rows(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
const hashOf = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
/** Signed by the writer, who is known to core. */
const publish = async (writer: string, bytes: Uint8Array | string) => {
  await enrol(processOf(writer), nats);
  return publishBlock(nats, writer, bytes);
};

type Hostile = { readonly writer: BlockWriter; readonly name: string; readonly before: AuditRecord };
/** Publishes something bad behind one good block; gives its bytes where it made them. */
type Deed = (hostile: Hostile) => Promise<{ readonly seq: number; readonly bytes?: Uint8Array }>;

const block = (name: string, changes: object = {}) => ({
  ...{ version: 1, writer: name, epoch: "e9", sequence: 0, previous: firstBlockPrevious, records: [] },
  ...changes,
});
const raw =
  (bytes: (hostile: Hostile) => Uint8Array): Deed =>
  async (hostile) => {
    const made = bytes(hostile);
    return { seq: await publish(hostile.name, made), bytes: made };
  };
const next =
  (changes: (hostile: Hostile) => { records?: AuditRecord[] } & object): Deed =>
  async (hostile) => {
    const { records = [decisionOf()], ...rest } = changes(hostile);
    return { seq: await hostile.writer.write(records, rest) };
  };

const signed =
  (signing: SignedWith): Deed =>
  async ({ writer }) => ({ seq: await writer.write([decisionOf()], {}, signing) });
const strangersKey = generateKeyPairSync("ed25519").privateKey;

const without = (field: string) => Object.fromEntries(Object.entries(decisionOf()).filter(([name]) => name !== field));
const result = { effect: "allow", reasons: [], obligations: [] };
/** What the types of ours say never is. */
const mistyped: readonly (readonly [string, object])[] = [
  ["no revision", without("revision")],
  ["a number for a revision", decisionOf({ revision: 1 })],
  ["no labels", without("labels")],
  ["a label that is none", decisionOf({ labels: { writer: 7 } })],
  ["a label of two lines that is none", decisionOf({ labels: { "two\nlines": 7 } })],
  ["null for what would be denied", decisionOf({ result: { ...result, would_deny: null } })],
  ["null in what would be denied", decisionOf({ result: { ...result, would_deny: [null] } })],
  ["a number for what would be sanitized", decisionOf({ result: { ...result, would_sanitize: 5 } })],
  ["null for what is kept", decisionOf({ kept: null })],
  ["an outcome of its own", decisionOf({ outcome: { outcome: "done" } })],
  ["a place of its own", decisionOf({ log_index: 0 })],
  ["an outcome whose code is none", outcomeOf(decisionOf(), { code: null })],
];

const ahead = (hours: number) => ({ timestamp: new Date(Date.now() + hours * 3_600_000).toISOString() });
const outcomeFirst = () => {
  const decision = decisionOf();
  return { records: [outcomeOf(decision), decision] };
};

const deeds: readonly (readonly [string, string, Deed])[] = [
  ["has no signature", "unsigned", signed({ key: "none" })],
  ["is signed by somebody else", "unsigned", signed({ key: strangersKey })],
  ["has the signature of another text", "unsigned", signed({ signed: "{}" })],
  ["is not UTF-8", "malformed", raw(({ name }) => Buffer.from(JSON.stringify(block(`${name}\u00ff`)), "latin1"))],
  ["is nearly a megabyte of nothing", "malformed", raw(() => Buffer.alloc(1024 * 1024 - 1024))],
  [
    "has a key twice",
    "malformed",
    raw(({ name }) => Buffer.from(JSON.stringify(block(name)).replace('"epoch"', '"epoch":"e1","epoch"'))),
  ],
  [
    "hides a key that comes twice behind numbers that get longer",
    "malformed",
    raw(({ name }) => {
      const records = [decisionOf({ input: Array(20).fill(1e21) })];
      const text = JSON.stringify(block(name, { records })).replaceAll("1e+21", "1e21");
      return Buffer.from(text.replace('"version":1', '"version":1,"version":1'));
    }),
  ],
  [
    "has a time that is none",
    "malformed",
    next(() => ({ records: [decisionOf({ timestamp: "2026-02-31T25:00:00Z" })] })),
  ],
  [
    "holds a record that is nested too deeply",
    "malformed",
    raw(({ name }) => {
      const text = JSON.stringify(block(name, { records: [outcomeOf(decisionOf(), { deep: 0 })] }));
      return Buffer.from(text.replace('"deep":0', `"deep":${"[".repeat(4_400)}${"]".repeat(4_400)}`));
    }),
  ],
  [
    "tells of a decision from the future",
    "future_record",
    next(() => ({ records: [outcomeOf(decisionOf({ decision_id: "01ffffff-ffff-7000-8000-000000000000" }))] })),
  ],
  [
    "speaks for core among others",
    "malformed",
    next(() => ({ records: [decisionOf(), decisionOf({ lane: "core", caller: "core" })] })),
  ],
  ...mistyped.map(([what, record]): (typeof deeds)[number] => [
    `holds a record with ${what}`,
    "malformed",
    next(() => ({ records: [record as AuditRecord] })),
  ]),
  ["holds a record from the future", "future_record", next(() => ({ records: [decisionOf(), decisionOf(ahead(25))] }))],
  ["names a forked history", "broken_link", next(() => ({ previous: "f".repeat(64) }))],
  ["begins the chain anew", "broken_link", next(() => ({ previous: firstBlockPrevious, sequence: 0, epoch: "e2" }))],
  ["leaves out a block", "broken_sequence", next(() => ({ sequence: 9 }))],
  ["begins an epoch that was over", "repeated_epoch", next(() => ({ epoch: "e0", sequence: 0 }))],
  ["says that somebody else wrote it", "foreign_writer", next(() => ({ writer: "somebody-else" }))],
  [
    "tells what became of another's decision",
    "foreign_outcome",
    async ({ writer }) => {
      const others = decisionOf();
      await new BlockWriter(nats, `honest-${uuidv7()}`).write([others]);
      return { seq: await writer.write([outcomeOf(others, { outcome: "failed" })]) };
    },
  ],
  ["tells what became of a decision before it is made", "foreign_outcome", next(outcomeFirst)],
  [
    "holds a record whose id is taken by another",
    "replayed",
    next(({ before: { decision_id } }) => ({ records: [decisionOf({ decision_id, caller: "altered" })] })),
  ],
];

describe("a hostile gateway", () => {
  it.each(deeds)(
    "whose block %s is found out: %s, kept whole, told and alerted, and nobody else is held up",
    async (_, fault, deed) => {
      const name = `hostile-${uuidv7()}`;
      const writer = new BlockWriter(nats, name);
      const [first, before, after] = [decisionOf(), decisionOf(), decisionOf()];
      writer.newEpoch("e0");
      await writer.write([first]);
      writer.newEpoch("e1");
      await writer.write([before]);
      const { seq, bytes } = await deed({ writer, name, before });
      await new BlockWriter(nats, `honest-${uuidv7()}`).write([after]);
      await eventually(() => found(after)).toBe(200);
      const whole = await get(`audit/faults/${seq}`);
      expect(whole).toMatchObject({ writer: name, fault });
      const content = Buffer.from(whole.content, "base64");
      expect([hashOf(content), bytes ?? content]).toEqual([whole.hash, content]);
      expect((await get("audit/faults?limit=1")).faults).toMatchObject([
        { stream_sequence: seq, fault, hash: whole.hash },
      ]);
      const labels = { fault, stream_sequence: String(seq), hash: whole.hash };
      await eventually(() => newestBreak()).toMatchObject({ resource: `writer ${name}`, labels });
      const { timestamp } = await newestBreak();
      await eventually(async () => (await get("alerts")).alerts).toContainEqual(alertOf(`writer ${name}`, timestamp));
    },
  );

  it("whose records are from the future gets their places in the log, and no rows", async () => {
    const writer = new BlockWriter(nats, `future-${uuidv7()}`);
    const records = [decisionOf(), decisionOf({ timestamp: "9999-12-31T23:59:59Z" })];
    const seq = await writer.write(records);
    await eventually(async () => (await get(`audit/faults/${seq}`)).fault).toBe("future_record");
    expect(await Promise.all(records.map(found))).toEqual([404, 404]);
    const places = await rows(
      "select record::json->>'decision_id' as id from audit_unplaced where stream_sequence = $1",
      [seq],
    );
    expect(places.map(({ id }) => id)).toEqual(records.map(({ decision_id }) => decision_id));
    expect(await rows("select 1 from decision_shapes where last_at > now() + interval '1 day'")).toEqual([]);
  });

  it("passes for core by no other subject", async () => {
    const forged = decisionOf({ lane: "core", caller: "core" });
    const text = canonicalJson(block("core", { records: [forged] }) as never);
    for (const name of ["x.core", "core.core"]) {
      const seq = await publishBlock(nats, name, text);
      await eventually(async () => (await get(`audit/faults/${seq}`)).fault).toBe("unsigned");
    }
    expect(await found(forged)).toBe(404);
  });

  it.each(["long", "\u00fc\u00df"])("holds nothing up from a subject that no index could hold: %s", async (piece) => {
    const name = Array.from({ length: 60 }, () => piece + uuidv7()).join("");
    const seq = await publishBlock(nats, name, canonicalJson(block("core") as never));
    const after = decisionOf();
    await new BlockWriter(nats, `honest-${uuidv7()}`).write([after]);
    await eventually(() => found(after)).toBe(200);
    const fault = await get(`audit/faults/${seq}`);
    expect(fault).toMatchObject({ fault: "unsigned", writer: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  });

  it("that replays an old block, byte for byte, adds nothing to what is known", async () => {
    const name = `replaying-${uuidv7()}`;
    const one = decisionOf({ caller: name });
    const text = canonicalJson(block(name, { records: [one] }) as never);
    await publish(name, text);
    const seq = await publish(name, text);
    await eventually(async () => (await get(`audit/faults/${seq}`)).fault).toBe("broken_link");
    expect((await get(`decisions?caller=${name}`)).decisions).toHaveLength(1);
  });

  it("holds nothing up with headers that no client of ours can read", async () => {
    const name = `odd-${uuidv7()}`;
    await enrol(name, nats);
    const header = "NATS/1.0\r\nno name: x\r\n\r\n";
    const socket = connect(ground.nats.port, "127.0.0.1");
    const { user, password: pass } = ground.nats;
    socket.write(`CONNECT ${JSON.stringify({ verbose: false, headers: true, user, pass })}\r\n`);
    socket.write(`HPUB ${auditBlockPrefix}${name} ${header.length} ${header.length + 2}\r\n${header}{}\r\nPING\r\n`);
    for await (const said of socket.setEncoding("utf8")) if (String(said).includes("PONG")) break;
    const after = decisionOf();
    await new BlockWriter(nats, `honest-${uuidv7()}`).write([after]);
    await eventually(() => found(after)).toBe(200);
    const { faults } = await get("audit/faults?limit=1");
    expect(faults).toMatchObject([{ writer: name, fault: "unsigned" }]);
  });

  it("holds nobody up with thousands of headers", async () => {
    const name = `wordy-${uuidv7()}`;
    await enrol(name, nats);
    const wordy = headers();
    for (let n = 0; n < 9_000; n++) wordy.append(n.toString(36), "");
    const client = jetstream(nats);
    for (let n = 0; n < 60; n++) await client.publish(`${auditBlockPrefix}${name}`, "{}", { headers: wordy });
    const after = decisionOf();
    await new BlockWriter(nats, `honest-${uuidv7()}`).write([after]);
    await expect.poll(() => found(after), { timeout: 5_000 }).toBe(200);
  });

  it("cannot send eight megabytes: NATS ends the connection, and core takes in what comes next", async () => {
    const socket = connect(ground.nats.port, "127.0.0.1");
    const { user, password: pass } = ground.nats;
    socket.write(`CONNECT ${JSON.stringify({ verbose: false, user, pass })}\r\n`);
    socket.write(`PUB ${auditBlockPrefix}huge ${8 * 1024 * 1024}\r\n`);
    let said = "";
    for await (const chunk of socket.setEncoding("utf8")) said += chunk;
    expect(said).toContain("Maximum Payload Violation");
    const after = decisionOf();
    await new BlockWriter(nats, `honest-${uuidv7()}`).write([after]);
    await eventually(() => found(after)).toBe(200);
  });

  it("that repeats as many records as a block holds does not stop the others", async () => {
    const one = decisionOf();
    const writer = new BlockWriter(nats, `filling-${uuidv7()}`);
    await writer.write([one]);
    const same = Array.from({ length: 1_000 }, () => outcomeOf(one));
    const writers = Array.from({ length: 30 }, () => new BlockWriter(nats, `filling-${uuidv7()}`));
    await Promise.all(writers.map((each) => each.write(same)));
    const after = decisionOf();
    await writer.write([after]);
    await eventually(() => found(after)).toBe(200);
  });

  it("cannot say first what became of another's decision: what its maker tells counts", async () => {
    const honest = new BlockWriter(nats, `honest-${uuidv7()}`);
    const one = decisionOf();
    await honest.write([one]);
    await new BlockWriter(nats, `hostile-${uuidv7()}`).write([one, outcomeOf(one, { outcome: "failed" })]);
    await honest.write([outcomeOf(one)]);
    await eventually(async () => (await get(`decisions/${one.decision_id}`)).outcome).toMatchObject({
      outcome: "done",
    });
  });

  it("cannot take over an id whose block the database could not hold, and its maker is not accused", async () => {
    const honest = new BlockWriter(nats, `honest-${uuidv7()}-0`);
    const one = decisionOf({ trace_id: randomBytes(8_000).toString("base64") });
    const lost = await honest.write([one]);
    await eventually(async () => (await get(`audit/faults/${lost}`)).fault).toBe("unstorable");
    const taken = decisionOf({ decision_id: one.decision_id, caller: "taken over" });
    const hostile = await new BlockWriter(nats, `hostile-${uuidv7()}`).write([taken, outcomeOf(one)]);
    const told = await honest.write([outcomeOf(one)]);
    const after = decisionOf();
    await honest.write([after]);
    await eventually(() => found(after)).toBe(200);
    expect(await found(taken)).toBe(404);
    expect((await get(`audit/faults/${hostile}`)).fault).toBe("foreign_outcome");
    expect((await core.ask(`GET /admin/audit/faults/${told}`, { token })).status).toBe(404);
  });

  it("cannot say that what core decided failed", async () => {
    const [own] = (await get("decisions?lane=core&limit=1")).decisions;
    const writer = new BlockWriter(nats, `hostile-${uuidv7()}`);
    const seq = await writer.write([outcomeOf(own, { outcome: "failed" })]);
    await eventually(async () => (await get(`audit/faults/${seq}`)).fault).toBe("foreign_outcome");
    expect((await get(`decisions/${own.decision_id}`)).outcome).toBeUndefined();
  });

  it("may write a block without records", async () => {
    const before = (await get("audit/faults?limit=1")).faults;
    const writer = new BlockWriter(nats, `idle-${uuidv7()}`);
    await writer.write([]);
    const after = decisionOf();
    await writer.write([after]);
    await eventually(() => found(after)).toBe(200);
    expect((await get("audit/faults?limit=1")).faults).toEqual(before);
  });
});

describe("GET /admin/audit/faults", () => {
  it("gives page after page, newest first", async () => {
    const all = (await get("audit/faults?limit=1000")).faults.map(
      ({ stream_sequence: seq }: { stream_sequence: number }) => seq,
    );
    const seen: number[] = [];
    let query = "limit=5";
    for (let page = await get(`audit/faults?${query}`); ; page = await get(`audit/faults?${query}`)) {
      seen.push(...page.faults.map(({ stream_sequence: seq }: { stream_sequence: number }) => seq));
      if (page.next === undefined) break;
      query = `limit=5&before=${page.next}`;
    }
    expect(seen).toEqual(all);
    expect(seen.length).toBeGreaterThan(10);
  });

  it.each(["audit/faults?limit=0", "audit/faults?before=x", "audit/faults/x"])("refuses %s", async (path) => {
    expect((await core.ask(`GET /admin/${path}`, { token })).status).toBe(422);
  });

  it("answers 404 for a block without a fault, and asks who wants to know", async () => {
    expect((await core.ask("GET /admin/audit/faults/1", { token })).status).toBe(404);
    expect((await core.ask("GET /admin/audit/faults")).status).toBe(401);
  });
});
