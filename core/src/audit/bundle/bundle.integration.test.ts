import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type DecisionRecord, logEntry } from "@vivified/contracts";
import { createLogger, type NatsConnection, newTrace, uuidv7 } from "@vivified/runtime";
import { decodeBundle, leafHash, openCheckpoint, parseVerifierKey, rootOf } from "@vivified/tlog";
import { unpackTar } from "modern-tar";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { Database } from "../../database/open-database.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";
import { changeRecord } from "../change-record.ts";
import { decisionStore } from "../decision-store.postgres.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;
let writer: BlockWriter;

beforeAll(async () => {
  ({ ground, core, nats, token } = stack.use(await openCoreSuite()));
  writer = new BlockWriter(nats, "bundling");
});
afterAll(() => stack.disposeAsync());

const checkpoints = async () => (await core.ask("GET /admin/audit/checkpoints?limit=1", { token })).body;

/** Writes records, and waits until the published checkpoint covers the last one: core's own get places meanwhile, too. */
async function log(records: readonly ReturnType<typeof decisionOf>[]): Promise<void> {
  for (let at = 0; at < records.length; at += 200) await writer.write(records.slice(at, at + 200));
  const last = records.at(-1)?.decision_id;
  await published(String(last));
}

/** A checkpoint is in the database a moment before it lies where exports take it from. */
async function published(decisionId: string): Promise<void> {
  const proof = () => core.ask(`GET /admin/audit/proofs/${decisionId}`, { token });
  await eventually(async () => (await proof()).status).toBe(200);
  const { size } = (await proof()).body;
  const file = join(String(ground.env.VIVIFIED_CORE_AUDIT_LOG_DIR), "checkpoint");
  await eventually(async () => Number((await readFile(file, "utf8")).split("\n")[1])).toBeGreaterThanOrEqual(size);
}

/** The same for a record of core's own. */
async function logOwn(record: DecisionRecord): Promise<void> {
  const url = String(ground.env.VIVIFIED_CORE_DATABASE_URL);
  await using database = new Database({ url, logger: createLogger({ process: "test", level: "silent" }) });
  await decisionStore(database.db).append([record]);
  await published(record.decision_id);
}

/** A UUIDv7 of a moment. */
function idAt(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${uuidv7().slice(13)}`;
}

type Bundle = {
  readonly files: ReadonlyMap<string, Buffer>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly manifest: any;
  readonly lines: readonly string[];
};

async function bundle(query = ""): Promise<Bundle> {
  const headers = { authorization: `Bearer ${token}` };
  const url = new URL(`/admin/audit/bundle?${query}`, core.publicUrl);
  const { statusCode, body } = await request(url, { dispatcher: core.people, headers });
  const bytes = Buffer.from(await body.arrayBuffer());
  expect(statusCode, bytes.toString("utf8", 0, 300)).toBe(200);
  const tar = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).bytes();
  const files = new Map((await unpackTar(tar)).map(({ header, data }) => [header.name, Buffer.from(data ?? [])]));
  const text = (name: string) => (files.get(name) ?? expect.fail(name)).toString("utf8");
  return { files, manifest: JSON.parse(text("manifest.json")), lines: text("records.ndjson").split("\n").slice(0, -1) };
}

describe("a signed export", () => {
  it("of the whole log gives the root that was signed, and every record as it was written", async () => {
    const records = Array.from({ length: 600 }, () => decisionOf({ caller: "bundled" }));
    const [first = decisionOf()] = records;
    const outcome = outcomeOf(first);
    const odd = decisionOf({ resource: "half \ud800", labels: { large: "x".repeat(100_000) } });
    await log([...records, outcome]);
    await writer.publish(JSON.stringify(await oddBlock(odd)));
    await eventually(async () => (await core.ask(`GET /admin/decisions/${odd.decision_id}`, { token })).status).toBe(
      200,
    );
    await log([decisionOf()]);
    const { files, manifest, lines } = await bundle();
    const key = parseVerifierKey((await checkpoints()).vkey) ?? expect.fail();
    const opened = openCheckpoint(files.get("checkpoint") ?? "", { log: key });
    if (opened.fault !== undefined) return expect.fail(opened.fault);
    const { size, root } = opened.checkpoint;
    expect(manifest).toMatchObject({ origin: "vivified.local/audit", size, from: 0, to: size, evidence: [] });
    const entries = [...files]
      .filter(([name]) => name.startsWith("tile/entries/"))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const leaves = entries.flatMap(([, bytes]) => decodeBundle(bytes)).map(leafHash);
    expect(Buffer.from(rootOf(leaves)).equals(root)).toBe(true);
    const told = lines.map((line) => JSON.parse(line));
    expect(told.map(({ index }) => index)).toEqual(Array.from({ length: size }, (_, at) => at));
    expect(told.map(({ record }) => Buffer.from(leafHash(logEntry(record))).toString("hex"))).toEqual(
      leaves.map((leaf) => Buffer.from(leaf).toString("hex")),
    );
    expect(lines.every((line) => line === canonicalJson(JSON.parse(line)))).toBe(true);
    const shown = told.map(({ record }) => record);
    expect(shown).toEqual(expect.arrayContaining([first, outcome, { ...odd, resource: "half \ufffd" }]));
  });

  it("of a stretch holds no more of the log than leads to it, and what stands next behind it", async () => {
    await log(Array.from({ length: 300 }, () => decisionOf()));
    const { files, manifest, lines } = await bundle("from=300&to=310");
    expect(manifest).toMatchObject({ from: 300, to: 310, filter: { from: "300", to: "310" } });
    expect(lines).toHaveLength(10);
    expect([...files.keys()].filter((name) => name.includes("entries"))).toEqual([
      "tile/entries/001",
      expect.stringContaining("tile/entries/002"),
    ]);
    expect(files.has("tile/0/001")).toBe(true);
    expect(files.has("tile/0/000")).toBe(false);
    expect((await bundle("from=300&to=310&compare=100")).files.has("tile/0/000")).toBe(true);
  });

  it("has a line for every place, also of records that were told before or that no row can hold", async () => {
    const [one, large] = [decisionOf(), decisionOf({ trace_id: randomBytes(8_000).toString("base64") })];
    const altered = decisionOf({ decision_id: one.decision_id, timestamp: one.timestamp, caller: "altered" });
    const outcome = outcomeOf(one);
    await log([one, outcome]);
    await log([altered, one, outcomeOf(one, { duration_ms: 99 }), decisionOf()]);
    await writer.write([large]);
    await log([decisionOf()]);
    const { manifest, lines } = await bundle();
    const indexes = lines.map((line) => JSON.parse(line).index);
    expect(indexes).toEqual(Array.from({ length: manifest.to }, (_, index) => index));
    expect(lines.join("\n")).toContain(large.decision_id);
    expect(lines.filter((line) => JSON.parse(line).record.decision_id === one.decision_id)).toHaveLength(5);
  });

  it("may be asked for by time", async () => {
    const timestamp = "2026-11-02T03:04:05.000Z";
    await log([decisionOf({ timestamp, caller: "timed" }), decisionOf({ timestamp, caller: "timed" })]);
    const { lines } = await bundle("since=2026-11-02T03:00:00Z&until=2026-11-02T04:00:00Z");
    expect(lines.map((line) => JSON.parse(line).record.caller)).toEqual(["timed", "timed"]);
    expect((await bundle("since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z")).lines).toEqual([]);
  });

  it("by time has what stands next to its places, also where there are none", async () => {
    const timestamp = "2026-11-04T03:04:05.000Z";
    await log([...Array.from({ length: 600 }, () => decisionOf()), decisionOf({ timestamp }), decisionOf()]);
    const entriesAround = ({ files, manifest: { from, size } }: Bundle) => {
      const bundles = [-1, 0, 1]
        .map((step) => Math.floor(from / 256) + step)
        .filter((at) => at * 256 < size && at >= 0);
      const names = [...files.keys()].filter((name) => name.startsWith("tile/entries/"));
      expect(names.map((name) => Number(name.slice(13, 16)))).toEqual(bundles);
    };
    const found = await bundle("since=2026-11-04T03:00:00Z&until=2026-11-04T04:00:00Z");
    expect(found.lines).toHaveLength(1);
    entriesAround(found);
    const none = await bundle("since=2026-11-04T03:10:00Z&until=2026-11-04T04:00:00Z");
    expect(none.manifest).toMatchObject({ from: found.manifest.to, to: found.manifest.to, evidence: [] });
    entriesAround(none);
    expect((await bundle("until=2020-01-02T00:00:00Z")).manifest).toMatchObject({ from: 0, to: 0 });
  });

  it("by time has decisions that no row of their own holds: told again, or told otherwise", async () => {
    const timestamp = "2026-11-05T03:04:05.000Z";
    const one = decisionOf({ timestamp, caller: "told" });
    await log([one, decisionOf()]);
    await log([one, decisionOf({ decision_id: one.decision_id, timestamp, caller: "altered" }), decisionOf()]);
    const { manifest, lines } = await bundle("since=2026-11-05T03:00:00Z&until=2026-11-05T04:00:00Z");
    expect(lines.map((line) => JSON.parse(line).record.caller)).toEqual(["told", "told", "altered"]);
    expect(manifest.to - manifest.from).toBe(1);
    expect(manifest.evidence).toHaveLength(2);
  });

  it("by time has the outcomes of its decisions, also those that were told long behind", async () => {
    const at = (time: string) => ({ timestamp: `2026-10-05T${time}Z`, decision_id: idAt(`2026-10-05T${time}Z`) });
    const decisions = ["07:59:59.999", "08:00:00.000", "08:10:00.000", "08:20:00.000", "09:00:00.000"].map((time) =>
      decisionOf(at(time)),
    );
    const [before = decisionOf(), first = decisionOf(), second = decisionOf(), third = decisionOf()] = decisions;
    await log([before, first, outcomeOf(first), second, outcomeOf(second), third]);
    await log([outcomeOf(before), ...decisions.slice(4), decisionOf(), outcomeOf(third), decisionOf()]);
    const { manifest, lines } = await bundle("since=2026-10-05T08:00:00Z&until=2026-10-05T09:00:00Z");
    const told = lines.map((line) => JSON.parse(line).record).map(({ kind, decision_id }) => [kind, decision_id]);
    const pairs = [first, second, third].flatMap(({ decision_id: id }) => [
      ["decision", id],
      ["outcome", id],
    ]);
    expect(told.toSorted()).toEqual(pairs.toSorted());
    expect(manifest.to - manifest.from).toBe(5);
    expect(manifest.evidence).toHaveLength(1);
  });

  it("brings what names its places as deleted, and nothing that names others", async () => {
    const told = (first: number, last: number) =>
      changeRecord({
        ...{ caller: "core", action: "delete audit records", resource: "audit 2018-12", trace: newTrace() },
        reason: { rule: "audit.retention_applied", message: "Deleted", fix: "" },
        labels: { until: "2019-01-01T00:00:00Z", first_log_index: String(first), last_log_index: String(last) },
      });
    const of = told(4, 9);
    for (const record of [told(0, 2), of, told(8, 9)]) await logOwn(record);
    const { manifest, lines } = await bundle("from=3&to=8");
    expect(manifest.evidence).toHaveLength(1);
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ index: manifest.evidence[0], record: of });
    expect((await bundle("from=10&to=12")).manifest.evidence).toEqual([]);
  });

  it.each([
    ["from behind to", "from=5&to=3"],
    ["from behind what is signed", "from=99999999"],
    ["a place that is none", "from=-1"],
    ["what it does not know", "caller=a"],
  ])("refuses %s", async (_, query) => {
    expect((await core.ask(`GET /admin/audit/bundle?${query}`, { token })).status).toBe(422);
  });

  it("is recorded, with its stretch", async () => {
    await bundle("from=1&to=2");
    const { body } = await core.ask("GET /admin/decisions?rule=audit.exported&limit=1", { token });
    const { labels } = (await core.ask(`GET /admin/decisions/${body.decisions[0].decision_id}`, { token })).body;
    expect(labels).toEqual({ format: "bundle", from: "1", to: "2" });
  });
});

/** A block as its writer would put it, with text that RFC 8785 has no form for. */
async function oddBlock(odd: ReturnType<typeof decisionOf>) {
  return { version: 1, writer: "bundling", epoch: "odd", sequence: 0, previous: "0".repeat(64), records: [odd] };
}
