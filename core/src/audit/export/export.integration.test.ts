import { spawnSync } from "node:child_process";
import { parseTraceparent } from "@vivified/contracts";
import { type NatsConnection, newTrace } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type TestCore } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";
import { opaEvent } from "../push/opa-event.ts";

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

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** Has Python do something with the `text`: another reader of CSV than we are a writer of it. */
function python(text: string, script: string, ...args: readonly string[]) {
  const read = "import csv,io,json,sys,unicodedata\ntext=io.TextIOWrapper(sys.stdin.buffer,'utf-8',newline='')\n";
  const ran = spawnSync("python3", ["-c", read + script, ...args], { input: text, encoding: "utf8" });
  expect(ran.stderr).toBe("");
  expect(ran.status).toBe(0);
  return JSON.parse(ran.stdout);
}

const readCsv = (text: string): readonly Record<string, string>[] =>
  python(text, "print(json.dumps(list(csv.DictReader(text,strict=True))))");

/** The cells that a reader with this separator has and that begin as a formula, once trimmed of what cannot be seen. */
const formulasIn = (text: string, separator: string): readonly string[] =>
  python(
    text,
    `
def begins(cell):
    shown = [c for c in cell if not c.isspace() and unicodedata.category(c) not in ('Cf', 'Cc') and c != '"']
    return bool(shown) and unicodedata.normalize('NFKC', shown[0]) in ('=', '+', '-', '@')
cells = [cell for row in csv.reader(text, delimiter=sys.argv[1]) for cell in row]
print(json.dumps([cell for cell in cells if begins(cell) or cell[:1] in ('\\t', '\\r', '\\n')]))
`,
    separator,
  );

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
    const lines = linesOf(body);
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
    "two\n=lines",
    "nul\u0000byte",
    'x;=HYPERLINK("http://evil.example/","here")',
    "x; =1+1",
    "x,=1+1",
    "x\t=1+1",
    "x|=1+1",
    'x;"=1+1"',
    'x";=1+1;"',
    'x"\t"=1+1"\t"',
    "x;\u200b+1",
    "x;\uFF1D1+1;\uFF0B1;\uFF0D1;\uFF20SUM(1)",
    "x;-1;@SUM(1)",
  ];
  const separators = [",", ";", "\t", "|"];
  const trace_id = "c5f00000000000000000000000000000";
  const reasonsOf = (text: string) => [
    { rule: "rpc.one", message: "One", fix: "" },
    { rule: text, message: text, fix: "" },
  ];
  const records = hostile.map((text, index) =>
    decisionOf({
      ...{ caller: `csv-${index}${text}`, resource: text, target: text, trace_id },
      result: { effect: "deny", reasons: reasonsOf(text), obligations: [] },
      labels: { first: "1", "=name": text },
    }),
  );
  let made: Promise<string> | undefined;
  const csv = () => (made ??= makeCsv());
  async function makeCsv(): Promise<string> {
    await keep(records);
    const { headers, body } = await exported(`format=csv&trace_id=${trace_id}`);
    expect(headers["content-type"]).toContain("text/csv");
    return body;
  }

  it("reads back with another reader, and differs from the records by apostrophes only", async () => {
    const rows = readCsv(await csv());
    expect(rows).toHaveLength(hostile.length);
    for (const row of rows) expect(Object.keys(row)).toHaveLength(24);
    const resources = rows.map((row) => row.resource?.replaceAll("'", ""));
    const kept = hostile.map((one) => one.replaceAll("\u0000", "\uFFFD"));
    expect(resources.sort()).toEqual(kept.sort());
    expect(rows.every(({ effect }) => effect === "deny")).toBe(true);
  });

  it.each(separators)("has no cell that begins as a formula for a reader that parts at %j", async (separator) => {
    expect(formulasIn(await csv(), separator)).toEqual([]);
  });

  it("would have some for each of these readers if the texts were only quoted", () => {
    const naive = hostile.map((one) => `"first","${one.replaceAll('"', '""')}"\r\n`).join("");
    for (const separator of separators)
      expect(formulasIn(naive, separator).some((cell) => cell.startsWith("="))).toBe(true);
    expect(formulasIn(naive, ";").join()).toContain("=HYPERLINK(");
  });
});

describe("an export as OPA's decision log", () => {
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

  it("has an event a line, the same that is pushed, and one of its own for what became of it", async () => {
    const permit = decisionOf({ caller: "opa-lines", input: { subject: { id: "a" }, fields: [] } });
    await keep([permit, outcomeOf(permit), decisionOf({ caller: "opa-lines" })]);
    const { status, headers, body } = await exported("format=opa&caller=opa-lines");
    expect([status, headers["content-type"]]).toEqual([200, "application/x-ndjson"]);
    expect(headers["content-disposition"]).toContain('filename="decisions.opa.ndjson"');
    const events = linesOf(body);
    expect(events.map((event) => event.decision_id).slice(1)).toEqual([
      permit.decision_id,
      `${permit.decision_id}.outcome`,
    ]);
    const { body: kept } = await core.ask(`GET /admin/decisions/${permit.decision_id}`, { token });
    expect(events[1]).toEqual(
      JSON.parse(JSON.stringify(opaEvent({ record: permit, logIndex: Number(kept.log_index) }))),
    );
    expect(events[2]).toMatchObject({ result: { outcome: "done" }, custom: { decision_id: permit.decision_id } });
    expect(events.every(({ labels, result }) => isObject(labels) && isObject(result))).toBe(true);
  });

  it("has core's own records, also those that have no place in the log yet", async () => {
    const { body } = await exported("format=opa&caller=core&lane=core");
    const events = linesOf(body);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(event).toMatchObject({ labels: { id: expect.any(String) }, requested_by: "core" });
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
