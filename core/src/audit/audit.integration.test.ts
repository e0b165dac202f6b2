import { randomBytes } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { type AuditRecord, auditEventsStream } from "@vivified/contracts";
import { type NatsConnection, newTrace, uuidv7 } from "@vivified/runtime";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { logEntries } from "../transparency/log-entries.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "./block.fixtures.ts";
import { changeRecord } from "./change-record.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  ({ ground, core, nats, token } = stack.use(await openCoreSuite()));
  stack.defer(() => core[Symbol.asyncDispose]());
});
afterAll(() => stack.disposeAsync());

const decisions = async (query: string) => (await core.ask(`GET /admin/decisions?${query}`, { token })).body;
const find = (id: string) => core.ask(`GET /admin/decisions/${id}`, { token });
const entries = () => logEntries(rows, ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? "");
const faults = async () => (await decisions("rule=audit.chain_broken")).decisions.length;

async function rows(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
const countOf = async (caller: string) =>
  Number((await rows("select count(*) from decisions where caller = $1", [caller]))[0]?.count);

describe("ingest", () => {
  it("takes in every record of a block, and joins outcomes that come later", async () => {
    const writer = new BlockWriter(nats, "first");
    const [one, two] = [decisionOf({ caller: "ingested" }), decisionOf({ caller: "ingested" })];
    await writer.write([one, two]);
    await writer.write([outcomeOf(one, { outcome: "failed", code: "target_timeout", status: 504 })]);
    await eventually(async () => (await find(one.decision_id)).body.outcome).toMatchObject({ code: "target_timeout" });
    expect((await find(two.decision_id)).body).toEqual({
      ...two,
      stream_sequence: expect.any(Number),
      log_index: expect.any(Number),
    });
    expect(
      (await decisions("caller=ingested")).decisions.map(
        (row: { outcome?: { status: number } }) => row.outcome?.status,
      ),
    ).toContain(504);
  });

  it("keeps text that PostgreSQL columns cannot hold, and finds it", async () => {
    const odd = decisionOf({ caller: "odd", resource: "a\u0000b", labels: { half: "\ud800" } });
    await new BlockWriter(nats, "odd-text").publish(
      JSON.stringify({
        version: 1,
        writer: "odd-text",
        epoch: "e",
        sequence: 0,
        previous: "0".repeat(64),
        records: [odd],
      }),
    );
    await eventually(async () => (await find(odd.decision_id)).body).toMatchObject({ resource: "a\u0000b" });
  });

  it("is not stopped by a record that no index can hold: the block is kept as unstorable", async () => {
    const before = await faults();
    const writer = new BlockWriter(nats, "oversized");
    const [good, after] = [decisionOf(), decisionOf()];
    await writer.write([good]);
    await writer.write([decisionOf({ trace_id: randomBytes(8_000).toString("base64") })]);
    await writer.write([after]);
    await eventually(async () => (await find(after.decision_id)).status).toBe(200);
    expect((await find(good.decision_id)).status).toBe(200);
    await eventually(faults).toBe(before + 1);
    expect(
      await rows("select sequence, fault from audit_blocks where writer = 'oversized' and fault is not null"),
    ).toEqual([{ sequence: "1", fault: "unstorable" }]);
  });

  it("tells a broken link, a skipped sequence, a foreign writer and bytes that are no block or too deep for one", async () => {
    const before = await faults();
    const writer = new BlockWriter(nats, "tampered");
    const kept = decisionOf({ caller: "tampered" });
    await writer.write([decisionOf({ caller: "tampered" })]);
    await writer.write([kept], { previous: "f".repeat(64) });
    await writer.write([decisionOf({ caller: "tampered" })], { sequence: 7 });
    await writer.write([decisionOf({ caller: "tampered" })], { writer: "someone-else", sequence: 8 });
    await writer.publish("not a block");
    const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const deep = { version: 1, writer: "tampered", epoch: "e", sequence: 0, previous: "0".repeat(64) };
    const tooDeep = JSON.stringify({ ...deep, records: [decisionOf({ input: "deep" })] });
    await writer.publish(tooDeep.replace('"deep"', nested));
    await eventually(faults).toBe(before + 5);
    expect(
      (await rows("select fault from audit_blocks where writer = 'tampered' order by stream_sequence")).map(
        (row) => row.fault,
      ),
    ).toEqual([null, "broken_link", "broken_sequence", "foreign_writer", "malformed", "malformed"]);
    expect((await find(kept.decision_id)).status).toBe(200);
    expect((await core.ask("GET /metrics")).body).toMatch(/audit_chain_faults_total\{fault="broken_link"\} 1/);
  });

  it("gives each record a place in the log, without a gap, whatever is wrong with its block", async () => {
    const writer = new BlockWriter(nats, "placed");
    const [one, two, three] = [decisionOf(), decisionOf(), decisionOf()];
    await writer.write([one, outcomeOf(one)]);
    await writer.write([two], { previous: "f".repeat(64) });
    await writer.write([three]);
    await eventually(async () => (await find(three.decision_id)).status).toBe(200);
    const first = (await find(one.decision_id)).body.log_index;
    const [position] = await rows("select log_size from audit_position");
    const all = await entries();
    const ids = [two, three].map((each) => each.decision_id);
    const later = all.slice(first + 1).map((entry) => JSON.parse(entry).id);
    expect(later.filter((id) => ids.includes(id))).toEqual(ids);
    expect(all.length).toBeGreaterThanOrEqual(Number(position?.log_size));
    expect(all).not.toContain("");
  });

  it("keeps what was there when a record comes again, gives it its leaf, and tells of it", async () => {
    const before = await faults();
    const writer = new BlockWriter(nats, "replaying");
    const [one, last] = [decisionOf({ caller: "replayed-once" }), decisionOf()];
    const altered = decisionOf({ decision_id: one.decision_id, caller: "altered" });
    await writer.write([one, outcomeOf(one)]);
    await writer.write([altered, one]);
    await writer.write([outcomeOf(one, { outcome: "failed" })]);
    await writer.write([last]);
    await eventually(async () => (await find(last.decision_id)).status).toBe(200);
    expect((await find(one.decision_id)).body).toMatchObject({ caller: "replayed-once", outcome: { outcome: "done" } });
    expect(await countOf("altered")).toBe(0);
    expect(
      (await rows("select fault from audit_blocks where writer = 'replaying' order by sequence")).map(
        (row) => row.fault,
      ),
    ).toEqual([null, "replayed", "replayed", null]);
    expect(await faults()).toBe(before + 2);
    expect((await entries()).filter((entry) => JSON.parse(entry).id === one.decision_id)).toHaveLength(5);
  });

  it("gives core's own records their place when their block comes, and nobody else may", async () => {
    await core[Symbol.asyncDispose]();
    const own = changeRecord({
      ...{ caller: "own", action: "change", resource: "something", trace: newTrace() },
      reason: { rule: "test.changed", message: "Changed", fix: "" },
    });
    await new BlockWriter(nats, "not-core").write([own]);
    await new BlockWriter(nats, "not-the-mesh").write([decisionOf({ lane: "mesh" })]);
    await rows(
      `insert into decisions (occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action, resource, effect, rules,
        trace_id, record) values ($1, $2, 'default', 'core', 'recorded', 'own', 'change', 'something', 'allow', '{}', '', $3)`,
      [new Date(own.timestamp), own.decision_id, own],
    );
    core = await TestCore.start(ground);
    const place = `select b.writer from decisions d join audit_blocks b on b.stream_sequence = d.stream_sequence
      where d.decision_id = $1 and d.log_index is not null`;
    await eventually(() => rows(place, [own.decision_id])).toEqual([{ writer: "core" }]);
    const foreign = "select fault from audit_blocks where writer in ('not-core', 'not-the-mesh')";
    await eventually(() => rows(foreign)).toEqual([{ fault: "malformed" }, { fault: "malformed" }]);
  });

  it("misses blocks that were purged before it took them in, once their writer goes on", async () => {
    const writer = new BlockWriter(nats, "purged");
    const [known, lost, after] = [decisionOf(), decisionOf(), decisionOf()];
    await writer.write([known]);
    await eventually(async () => (await find(known.decision_id)).status).toBe(200);
    await core[Symbol.asyncDispose]();
    await writer.write([lost]);
    await (await jetstreamManager(nats)).streams.purge(auditEventsStream.name);
    await writer.write([after]);
    core = await TestCore.start(ground);
    await eventually(async () => (await find(after.decision_id)).status).toBe(200);
    expect((await find(lost.decision_id)).status).toBe(404);
    expect(await rows("select fault from audit_blocks where writer = 'purged' order by stream_sequence")).toEqual([
      { fault: null },
      { fault: "broken_link" },
    ]);
  });

  it("makes the month that a record needs, and keeps what can be in none", async () => {
    const [old, ancient] = [
      decisionOf({ timestamp: "2024-02-29T12:00:00.000Z" }),
      decisionOf({ timestamp: "1969-07-20T20:17:40.000Z" }),
    ];
    await new BlockWriter(nats, "months").write([old, ancient, outcomeOf(old)]);
    await eventually(async () => (await find(ancient.decision_id)).status).toBe(200);
    const partition = async ({ decision_id }: AuditRecord) =>
      (await rows("select tableoid::regclass::text as name from decisions where decision_id = $1", [decision_id]))[0]
        ?.name;
    expect(await partition(old)).toBe("decisions_2024_02");
    expect(await partition(ancient)).toBe("decisions_default");
    expect((await find(old.decision_id)).body.outcome).toMatchObject({ outcome: "done" });
  });

  it("follows a writer into a new epoch that starts from what the stream holds", async () => {
    const before = await faults();
    const writer = new BlockWriter(nats, "reborn");
    await writer.write([decisionOf()]);
    writer.newEpoch("e2");
    const last = decisionOf();
    await writer.write([last]);
    await eventually(async () => (await find(last.decision_id)).status).toBe(200);
    expect(await faults()).toBe(before);
  });

  it("goes on through a PostgreSQL that is cut off and comes back: nothing lost, nothing doubled", async () => {
    const writer = new BlockWriter(nats, "outage");
    const write = async (count: number) => {
      for (let n = 0; n < count; n += 1)
        await writer.write(Array.from({ length: 5 }, () => decisionOf({ caller: "outage" })));
    };
    const writing = write(60);
    await ground.postgres.kill();
    await writing;
    expect((await core.ask("GET /auth/me", { token })).body).toMatchObject({
      code: "database_unavailable",
      retryable: true,
    });
    expect((await core.ask("GET /health")).body).toMatchObject({
      live: true,
      ready: false,
      checks: { database: false },
    });
    await write(20);
    await ground.postgres.start();
    await eventually(() => countOf("outage")).toBe(400);
    await eventually(async () => (await core.ask("GET /health")).status).toBe(200);
    expect(await rows("select 1 from audit_blocks where writer = 'outage' and fault is not null")).toEqual([]);
  });

  it("goes on through a NATS server that is killed and comes back", async () => {
    const writer = new BlockWriter(nats, "restart");
    await writer.write([decisionOf({ caller: "restart" })]);
    await ground.nats.kill();
    await ground.nats.start();
    await eventually(async () => nats.rtt().catch(() => 0)).toBeGreaterThan(0);
    await eventually(() => writer.write([decisionOf({ caller: "restart" })]).catch(() => 0)).toBeGreaterThan(0);
    await eventually(() => countOf("restart")).toBe(2);
  });

  it("takes in what came while core was away, once, however often it starts", async () => {
    const writer = new BlockWriter(nats, "away");
    await core[Symbol.asyncDispose]();
    for (let n = 0; n < 150; n += 1) await writer.write([decisionOf({ caller: "away" })]);
    for (let start = 0; start < 3; start += 1) {
      core = await TestCore.start(ground);
      await eventually(() => countOf("away")).toBe(150);
      if (start < 2) await core[Symbol.asyncDispose]();
    }
    expect(await rows("select 1 from audit_blocks where writer = 'away' and fault is not null")).toEqual([]);
  });
});

describe("GET /admin/decisions", () => {
  it("pages through everything once, newest first", async () => {
    const timestamp = new Date().toISOString(); // one moment for all: the id decides
    const records = Array.from({ length: 25 }, () => decisionOf({ caller: "paged", timestamp }));
    await new BlockWriter(nats, "paged").write(records);
    await eventually(() => countOf("paged")).toBe(25);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await decisions(`caller=paged&limit=10${cursor && `&before=${cursor}`}`);
      seen.push(...page.decisions.map((row: { decision_id: string }) => row.decision_id));
      cursor = page.next ?? "";
    } while (cursor !== "");
    expect(seen).toEqual(
      records
        .map((one) => one.decision_id)
        .sort()
        .reverse(),
    );
  });

  it("filters by what was asked, and combines filters", async () => {
    const trace_id = uuidv7().replaceAll("-", "");
    const denied = {
      effect: "deny",
      reasons: [{ rule: "rpc.not_granted", message: "No", fix: "Ask" }],
      obligations: [],
    };
    const writer = new BlockWriter(nats, "filtered");
    await writer.write([
      decisionOf({ trace_id }),
      decisionOf({ trace_id, result: denied }),
      decisionOf({
        trace_id,
        lane: "egress",
        action: "connect",
        target: undefined,
        timestamp: "2026-01-01T00:00:00.000Z",
      }),
    ]);
    await eventually(async () => (await decisions(`trace_id=${trace_id}`)).decisions.length).toBe(3);
    const count = async (query: string) => (await decisions(`trace_id=${trace_id}&${query}`)).decisions.length;
    expect(await count("rule=rpc.not_granted")).toBe(1);
    expect(await count("effect=allow")).toBe(2);
    expect(await count("lane=egress&action=connect")).toBe(1);
    expect(await count("lane=egress&effect=deny")).toBe(0);
    expect(await count("target=user-management")).toBe(2);
    expect(await count("until=2026-02-01T00:00:00Z")).toBe(1);
    expect(await count("since=2026-02-01T00:00:00Z&limit=1")).toBe(1);
  });

  it.each(["limit=0", "limit=ten", "effect=maybe", "trace_id=x", "since=yesterday", "before=bogus", "colour=red"])(
    "refuses %s",
    async (query) => {
      expect((await core.ask(`GET /admin/decisions?${query}`, { token })).status).toBe(422);
    },
  );

  it("answers 404 for a decision that is not there", async () => {
    expect((await find("nothing")).body).toMatchObject({ code: "not_found" });
  });
});

describe("GET /admin/decisions/records", () => {
  const page = async (query: string) => (await core.ask(`GET /admin/decisions/records?${query}`, { token })).body;
  const day = "2025-03-04T";
  const span = `since=${day}00:00:00Z&until=${day}23:00:00Z`;

  it("gives every record of a span once and whole, oldest first, and can be filtered by entrypoint", async () => {
    const input = { subject: { id: "a", traits: [] }, fields: [] };
    const times = [`${day}02:00:00.000Z`, `${day}01:00:00.000Z`, `${day}01:00:00.000Z`, `${day}23:00:00.000Z`];
    const records = times.map((timestamp) => decisionOf({ caller: "replayed", timestamp, input }));
    const core = decisionOf({ caller: "replayed", entrypoint: "admin/access", timestamp: `${day}03:00:00.000Z` });
    await new BlockWriter(nats, "replayed").write([...records, core]);
    await eventually(() => countOf("replayed")).toBe(5);
    const [two, one, oneToo] = records;
    const sameTime = [one, oneToo].sort((a, b) => ((a?.decision_id ?? "") < (b?.decision_id ?? "") ? -1 : 1));
    const first = await page(`${span}&limit=2`);
    expect(first.records).toEqual(sameTime);
    const second = await page(`${span}&limit=2&after=${first.next}`);
    expect(second).toEqual({ records: [two, core] });
    expect(await page(`${span}&entrypoint=admin/access`)).toEqual({ records: [core] });
  });

  it.each(["limit=0", "limit=5001", "since=yesterday", "after=bogus", "before=x"])("refuses %s", async (query) => {
    expect((await core.ask(`GET /admin/decisions/records?${query}`, { token })).status).toBe(422);
  });

  it("is for those who may read decisions", async () => {
    expect((await core.ask("GET /admin/decisions/records")).status).toBe(401);
  });
});
