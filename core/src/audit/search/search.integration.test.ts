import { createHash } from "node:crypto";
import type { AuditBlock, AuditRecord, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MigratedDatabase, migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import { decisionOf, outcomeOf } from "../block.fixtures.ts";
import { blockStore } from "../block-store.postgres.ts";
import { decisionStore } from "../decision-store.postgres.ts";
import type { DecisionFilter } from "../decision-store.ts";
import { ingestBlocks } from "../ingest-blocks.ts";
import { isDecision, isOutcome } from "../parse-block.ts";
import { sortInWaiting } from "../shapes/sort-in-waiting.ts";

const stack = new AsyncDisposableStack();
let database: MigratedDatabase;
let sequence = 0;
let previous = "0".repeat(64);
const kept: AuditRecord[] = [];

beforeAll(async () => {
  database = stack.use(await migratedDatabase());
  await tellAll();
}, 60_000);
afterAll(() => stack.disposeAsync());

async function ingest(records: readonly AuditRecord[]): Promise<void> {
  const block: AuditBlock = { version: 1, writer: "w", epoch: "e", sequence, previous, records };
  const hash = createHash("sha256").update(String(sequence)).digest("hex");
  [previous, sequence] = [hash, sequence + 1];
  kept.push(...records);
  const streamed = {
    streamSequence: sequence,
    subjectWriter: "w",
    stampedAt: new Date(),
    bytes: Buffer.alloc(0),
    hash,
    block,
  };
  await database.db.transaction().execute((transaction) => ingestBlocks([streamed], blockStore(transaction)));
}

const pick = <T>(values: readonly T[], n: number): T => values[n % values.length] as T;
const start = Date.now() - 100 * 24 * 60 * 60 * 1000;
const permitted = { effect: "allow", reasons: [{ rule: "rpc.granted", message: "Granted", fix: "" }], obligations: [] };
const denied = {
  effect: "deny",
  reasons: [{ rule: "egress.not_granted", message: "The host is unknown", fix: "Ask for a grant" }],
  obligations: [],
};
const reported = { ...permitted, would_deny: [{ rule: "rpc.stale", message: "The grant expires", fix: "Renew" }] };

/** A UUIDv7 of that time. */
function idAt(ms: number): string {
  const digits = Math.floor(ms).toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}${decisionOf().decision_id.slice(13)}`;
}

/** Decisions of all kinds over a hundred days, each a different mixture; every third one's time is shared by two. */
const decided = (n: number) =>
  decisionOf({
    decision_id: idAt(start + Math.floor(n / 2) * 17_000_000),
    timestamp: new Date(start + Math.floor(n / 2) * 17_000_000).toISOString(),
    lane: pick(["rpc", "egress", "events"], n),
    caller: pick(["a", "b", "c", "d"], n >> 1),
    action: pick(["invoke", "connect"], n >> 2),
    target: pick(["t", "u", undefined], n),
    resource: pick(["r.one", "r.two"], n),
    revision: pick(["f".repeat(16), "0".repeat(16)], n >> 5),
    trace_id: pick(["a", "b"], n >> 3).repeat(32),
    result: n === 3 ? denied : pick([permitted, permitted, reported, denied], n >> 2),
    ...(n === 7 && { caller: "rare", resource: "r.rare" }),
  });

/** Outcomes come with the decision, soon behind it, later, or never. */
async function tellAll(): Promise<void> {
  const decisions = Array.from({ length: 1_000 }, (_, n) => decided(n));
  const told = (n: number) => outcomeOf(pick(decisions, n), { outcome: pick(["done", "failed", "done"], n) });
  const permittedOnes = [...decisions.keys()].filter((n) => effectOf(pick(decisions, n)) !== "deny");
  await ingest(decisions.flatMap((one, n) => (permittedOnes.includes(n) && n % 4 === 1 ? [one, told(n)] : [one])));
  await ingest(permittedOnes.filter((n) => n % 4 === 0).map(told));
  await ingest(permittedOnes.filter((n) => n % 4 === 2).map(told));
  const own = Array.from({ length: 10 }, (_, n) => decided(n + 1_000)).filter(isDecision);
  const recorded = own.map((one) => ({ ...one, lane: "core" as const, caller: "a" }));
  kept.push(...recorded);
  await decisionStore(database.db).append(recorded);
}

const effectOf = (record: AuditRecord) => (isDecision(record) ? record.result.effect : "");

/** What a search must find, by looking at every record. */
function expected(filter: DecisionFilter): readonly string[] {
  const outcomes = new Map(kept.filter(isOutcome).map((one) => [one.decision_id, one]));
  const wanted = kept.filter(isDecision).filter((one) => matches(one, filter, outcomes.get(one.decision_id)));
  const key = ({ timestamp, decision_id }: DecisionRecord) => `${timestamp} ${decision_id}`;
  return wanted.sort((a, b) => (key(a) < key(b) ? 1 : -1)).map((one) => one.decision_id);
}

function matches(record: DecisionRecord, filter: DecisionFilter, outcome?: OutcomeRecord): boolean {
  const { effect, reasons, would_deny: wouldDeny = [] } = record.result;
  const plain = { ...record, effect };
  const same = (["lane", "caller", "target", "action", "resource", "effect", "revision", "trace_id"] as const).every(
    (name) => filter[name] === undefined || filter[name] === plain[name],
  );
  const none = record.lane === "core" || effect === "deny" ? undefined : "none";
  return (
    same &&
    (filter.rule === undefined || reasons.some(({ rule }) => rule === filter.rule)) &&
    (filter.would_deny === undefined || filter.would_deny === wouldDeny.length > 0) &&
    (filter.outcome === undefined || filter.outcome === (outcome?.outcome ?? none)) &&
    (filter.text === undefined || JSON.stringify([reasons, wouldDeny]).toLowerCase().includes(filter.text)) &&
    (filter.since === undefined || record.timestamp >= filter.since) &&
    (filter.until === undefined || record.timestamp < filter.until)
  );
}

/** All pages of a search, each behind the last one's end. */
async function found(filter: DecisionFilter, pageSize = 37): Promise<readonly string[]> {
  const store = decisionStore(database.db);
  const ids: string[] = [];
  for (let last: DecisionRecord | undefined, full = true; full; ) {
    const before = last && { occurredAt: new Date(last.timestamp), decisionId: last.decision_id };
    const page = await store.search(filter, pageSize, before);
    ids.push(...page.map(({ record }) => record.decision_id));
    last = page.at(-1)?.record;
    full = page.length === pageSize;
  }
  return ids;
}

const middle = new Date(start + 250 * 17_000_000).toISOString();
const filters: readonly DecisionFilter[] = [
  {},
  { lane: "rpc" },
  { lane: "core" },
  { caller: "rare" },
  { caller: "nobody" },
  { caller: "a", effect: "deny" },
  { caller: "b", target: "u", lane: "egress" },
  { caller: "d", action: "connect", since: middle },
  { resource: "r.rare" },
  { resource: "r.one", until: middle },
  { rule: "egress.not_granted", revision: "0".repeat(16) },
  { would_deny: true },
  { would_deny: true, caller: "a" },
  { would_deny: false, target: "t" },
  { outcome: "failed" },
  { outcome: "done", caller: "a" },
  { outcome: "none" },
  { outcome: "none", effect: "deny" },
  { outcome: "withheld" },
  { text: "unknown" },
  { text: "expires" },
  { text: "granted", caller: "c" },
  { text: "zebra" },
  { trace_id: "a".repeat(32), effect: "deny" },
  { trace_id: "b".repeat(32) },
  { since: middle, until: new Date(Date.parse(middle) + 1).toISOString() },
];

describe.each(["before core's own are sorted in", "afterwards", "with wide shapes"])("a search, %s,", (when) => {
  beforeAll(async () => {
    if (when === "before core's own are sorted in") return;
    await sortInWaiting(database.db);
    if (when === "afterwards") return;
    const more = Array.from({ length: 40 }, (_, n) =>
      decisionOf({ ...decided(n), caller: `x${n % 7}`, resource: n % 2 === 0 ? `r.${n}` : "r.rare" }),
    );
    kept.push(...more);
    await decisionStore(database.db).append(more.filter(isDecision));
    await sortInWaiting(database.db, 1);
  });

  it.each(filters)("finds exactly what %j says, newest first, over all pages", async (filter) => {
    const ids = expected(filter);
    expect(await found(filter)).toEqual(ids);
    expect((await found(filter, 1_000)).length).toBe(ids.length);
  });
});

describe("shapes", () => {
  it("become wide beyond their bound, and are few", async () => {
    const { rows } = await sql<{ wide: number; all: number }>`
      select count(*) filter (where wide)::int as wide, count(*)::int as all from decision_shapes`.execute(database.db);
    expect(rows[0]?.wide).toBeGreaterThan(0);
    expect(rows[0]?.all).toBeLessThan(400);
  });

  it("are counted: as many decisions in their hours as rows have them", async () => {
    const { rows } = await sql`
      select shape_id, hour, records::int from decision_counts where records <> 0 except
      select shape_id, date_trunc('hour', occurred_at, 'UTC'), count(*)::int from decisions group by 1, 2`.execute(
      database.db,
    );
    expect(rows).toEqual([]);
    const { rows: sums } = await sql<{ counted: number; there: number }>`
      select (select sum(records)::int from decision_counts) as counted, count(*)::int as there from decisions`.execute(
      database.db,
    );
    expect(sums[0]?.counted).toBe(sums[0]?.there);
  });
});
