import { spawnSync } from "node:child_process";
import { parseTraceparent } from "@vivified/contracts";
import { type NatsConnection, newTrace } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type TestCore } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
let core: TestCore;
let nats: NatsConnection;
let token: string;
let writer: BlockWriter;

beforeAll(async () => {
  ({ core, nats, token } = stack.use(await openCoreSuite()));
  writer = new BlockWriter(nats, "exporting");
});
afterAll(() => stack.disposeAsync());

const exported = (query: string, by = token) => core.ask(`GET /admin/audit/export?${query}`, { token: by });

/** Keeps the records and waits until the log has the last one. */
async function keep(records: readonly ReturnType<typeof decisionOf>[]): Promise<void> {
  for (let from = 0; from < records.length; from += 100) await writer.write(records.slice(from, from + 100));
  const last = records.at(-1)?.decision_id;
  await eventually(async () => (await core.ask(`GET /admin/decisions/${last}`, { token })).status).toBe(200);
}

/** Another reader of CSV than we are a writer of it. */
function readCsv(text: string): readonly Record<string, string>[] {
  const script =
    "import csv,io,json,sys\nprint(json.dumps(list(csv.DictReader(io.TextIOWrapper(sys.stdin.buffer,'utf-8',newline=''),strict=True))))";
  const { status, stdout, stderr } = spawnSync("python3", ["-c", script], { input: text, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describe("an export as NDJSON", () => {
  it("has every whole record that a search finds, over many pages, newest first, with its outcome", async () => {
    const start = Date.now() - 3_600_000;
    const timestamp = (index: number) => new Date(start + Math.floor(index / 3)).toISOString();
    const records = Array.from({ length: 450 }, (_, index) =>
      decisionOf({ caller: "many", timestamp: timestamp(index), labels: { number: String(index) } }),
    );
    const [first = decisionOf()] = records;
    await keep([...records.slice(1), first, outcomeOf(first)]);
    const { status, headers, body } = await exported("format=ndjson&caller=many");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/x-ndjson");
    const lines = String(body)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(450);
    expect(new Set(lines.map(({ labels }) => labels.number)).size).toBe(450);
    expect(lines.map((line) => line.timestamp)).toEqual(
      lines
        .map((line) => line.timestamp)
        .sort()
        .reverse(),
    );
    const { outcome, ...record } = lines.find(({ decision_id }) => decision_id === first.decision_id);
    expect(record).toEqual(first);
    expect(outcome).toMatchObject({ kind: "outcome", outcome: "done" });
  });

  it("is empty when nothing is found", async () => {
    expect(await exported("format=ndjson&caller=nobody-at-all")).toMatchObject({ status: 200, body: "" });
  });
});

describe("an export as CSV", () => {
  const hostile = [
    '=cmd|"/c calc"!A1',
    "+1+cmd",
    "-2+3",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\u200b=1",
    "\uFF1D1+1",
    "\uFF0B1",
    "\uFF0D1",
    "\uFF20SUM(1)",
    'a","=1+1","b',
    "two\r\n=lines",
    "nul\u0000byte",
  ];
  const begins = /^[\s\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u;

  it("reads back with another reader, and no cell begins as a formula", async () => {
    const records = hostile.map((text, index) =>
      decisionOf({
        caller: `csv-${index}${text}`,
        resource: text,
        target: text,
        trace_id: "c5f00000000000000000000000000000",
        result: {
          effect: "deny",
          reasons: [{ rule: text, message: text, fix: "" }],
          obligations: [],
        },
        labels: { "=name": text },
      }),
    );
    await keep(records);
    const { headers, body } = await exported("format=csv&trace_id=c5f00000000000000000000000000000");
    expect(headers["content-type"]).toContain("text/csv");
    const rows = readCsv(body);
    expect(rows).toHaveLength(hostile.length);
    for (const row of rows) {
      expect(Object.keys(row)).toHaveLength(24);
      for (const cell of Object.values(row)) expect(cell).not.toMatch(begins);
    }
    const resources = rows.map((row) => row.resource?.replace(/^'/, ""));
    const kept = hostile.map((text) => text.replaceAll("\u0000", "\uFFFD"));
    expect(resources.sort()).toEqual(kept.sort());
    expect(rows.every(({ effect }) => effect === "deny")).toBe(true);
  });
});

describe("exporting", () => {
  const recorded = async (trace: string) =>
    (await core.ask(`GET /admin/decisions?trace_id=${trace}&rule=audit.exported`, { token })).body.decisions;

  it("is itself recorded, with who and what, before anything leaves", async () => {
    const { traceparent, traceId } = traced();
    await core.ask("GET /admin/audit/export?format=csv&caller=somebody", { token, headers: { traceparent } });
    const [row] = await recorded(traceId);
    const { body } = await core.ask(`GET /admin/decisions/${row.decision_id}`, { token });
    expect(body).toMatchObject({ entrypoint: "recorded", labels: { format: "csv", caller: "somebody" } });
    expect(body.parent_id).toBeDefined();
  });

  it.each([
    ["no format", "caller=a", 422],
    ["another format", "format=xml", 422],
    ["a filter that is none", "format=csv&colour=red", 422],
    ["a time that is none", "format=csv&since=yesterday", 422],
  ])("refuses %s", async (_, query, status) => {
    expect((await exported(query)).status).toBe(status);
  });

  it("needs a token, and a role that may read the trail", async () => {
    expect((await core.ask("GET /admin/audit/export?format=csv")).status).toBe(401);
    const asRole = async (role: string) => {
      const password = "a long enough password";
      const user = {
        username: `export-${role}`,
        email: `${role}@example.org`,
        full_name: role,
        password,
        roles: [role],
      };
      expect((await core.ask("POST /admin/users", { token, body: user })).status).toBe(201);
      return (await exported("format=csv&caller=none", await core.logIn(user.username, password))).status;
    };
    expect(await asRole("auditor")).toBe(200);
    expect(await asRole("viewer")).toBe(403);
  });
});

function traced() {
  const { traceId } = newTrace();
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  expect(parseTraceparent(traceparent)?.traceId).toBe(traceId);
  return { traceparent, traceId };
}
