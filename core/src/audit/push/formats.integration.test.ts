import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@vivified/runtime";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { startProgram } from "../../process.fixtures.ts";
import { decisionOf, outcomeOf } from "../block.fixtures.ts";
import { opaEvent } from "./opa-event.ts";
import { otlpLogs } from "./otlp-logs.ts";
import { testReceiver } from "./receiver.fixtures.ts";

const input = { subject: { id: "a" }, fields: [] };
const decision = decisionOf({
  input,
  nd_builtin_cache: { "time.now_ns": { "[]": 1 } },
  labels: { writer: "gateway-1" },
  payload_digest: "ab",
  snapshot: 4,
  result: { effect: "deny", reasons: [{ rule: "rpc.no_grant", message: "No", fix: "ask" }], obligations: [] },
});
const outcome = outcomeOf(decision);

/** An event as a real OPA sends it to a receiver. */
async function eventOfOpa(): Promise<Record<string, unknown>> {
  await using remote = await testReceiver();
  const directory = await mkdtemp(join(tmpdir(), "vivified-opa-log-"));
  const port = await freePort();
  const config = {
    labels: { region: "north" },
    services: { logs: { url: remote.url } },
    decision_logs: { service: "logs", reporting: { min_delay_seconds: 1, max_delay_seconds: 1 } },
    nd_builtin_cache: true,
  };
  await writeFile(join(directory, "config.json"), JSON.stringify(config));
  await writeFile(join(directory, "p.rego"), 'package p\n\nd := {"at": time.now_ns(), "who": input.who}\n');
  await using _opa = startProgram(process.env.VIVIFIED_OPA ?? "opa", [
    ...["run", "--server", "--disable-telemetry", "--addr", `127.0.0.1:${port}`],
    ...["--config-file", join(directory, "config.json"), join(directory, "p.rego")],
  ]);
  const ask = () =>
    request(`http://127.0.0.1:${port}/v1/data/p/d`, { method: "POST", body: JSON.stringify({ input: { who: "a" } }) });
  await expect
    .poll(
      () =>
        ask().then(
          ({ statusCode }) => statusCode,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .toBe(200);
  await expect.poll(() => remote.requests.length, { timeout: 30_000 }).toBeGreaterThan(0);
  const [{ path, headers, json } = expect.fail("OPA sent nothing")] = remote.requests;
  expect(path).toBe("/logs");
  expect(headers).toMatchObject({ "content-type": "application/json", "content-encoding": "gzip" });
  await rm(directory, { recursive: true, force: true });
  return json[0];
}

const kindsOf = (event: object) =>
  Object.fromEntries(
    Object.entries(event).map(([name, value]) => [name, Array.isArray(value) ? "array" : typeof value]),
  );

describe("an event for receivers of OPA decision logs", () => {
  it("has the fields of a real OPA's event, of the same types, and ours under custom", async () => {
    const ours = JSON.parse(JSON.stringify(opaEvent({ logIndex: 3, record: decision })));
    const { metrics: _timings, req_id: _requestNumber, ...theirs } = kindsOf(await eventOfOpa()); // no record has these
    expect(kindsOf(ours)).toEqual({ ...theirs, trace_id: "string", bundles: "object", custom: "object" });
    expect(ours).not.toHaveProperty("metrics");
    expect(ours).not.toHaveProperty("req_id");
    expect(ours).toMatchObject({
      labels: { id: "gateway-1", writer: "gateway-1" },
      bundles: { vivified: { revision: "0123456789abcdef" } },
      path: "vivified/rpc/invoke/decision",
      input,
      result: { effect: "deny" },
      requested_by: "workflow-orchestrator",
      custom: { kind: "decision", lane: "rpc", action: "invoke", payload_digest: "ab", snapshot: 4, log_index: 3 },
    });
  });

  it("has an id of its own for an outcome", () => {
    expect(opaEvent({ logIndex: 4, record: outcome })).toMatchObject({
      decision_id: `${decision.decision_id}.outcome`,
      result: { outcome: "done" },
      custom: { kind: "outcome", decision_id: decision.decision_id, log_index: 4, status: 200 },
    });
  });
});

/** `opentelemetry.proto.collector.logs.v1` in the JSON mapping of OTLP, closed: what is misspelt is refused. */
const closed = { additionalProperties: false } as const;
const text = Type.String();
const uint64 = Type.String({ pattern: "^[0-9]{1,20}$" });
const Value = Type.Union([
  Type.Object({ stringValue: text }, closed),
  Type.Object({ intValue: Type.String({ pattern: "^-?[0-9]{1,19}$" }) }, closed),
  Type.Object(
    { arrayValue: Type.Object({ values: Type.Array(Type.Object({ stringValue: text }, closed)) }, closed) },
    closed,
  ),
]);
const attributes = Type.Array(Type.Object({ key: Type.String({ minLength: 1 }), value: Value }, closed));
const LogRecord = Type.Object(
  {
    timeUnixNano: uint64,
    observedTimeUnixNano: uint64,
    severityNumber: Type.Integer({ minimum: 1, maximum: 24 }),
    severityText: text,
    eventName: text,
    body: Value,
    attributes,
    traceId: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
  },
  closed,
);
const ExportLogsServiceRequest = Type.Object(
  {
    resourceLogs: Type.Array(
      Type.Object(
        {
          resource: Type.Object({ attributes }, closed),
          scopeLogs: Type.Array(
            Type.Object({ scope: Type.Object({ name: text }, closed), logRecords: Type.Array(LogRecord) }, closed),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);

describe("log records for OpenTelemetry", () => {
  const odd = decisionOf({ trace_id: "not a trace", resource: 'quo"te\u2028' });
  const logs = otlpLogs([decision, outcome, odd].map((record, logIndex) => ({ record, logIndex })));
  const [first, second, third] = logRecordsOf(logs);

  it("keep to the JSON mapping of OTLP", () => {
    expect(Check(ExportLogsServiceRequest, JSON.parse(JSON.stringify(logs)))).toBe(true);
    expect(first).toMatchObject({ severityText: "WARN", traceId: decision.kind === "decision" && decision.trace_id });
    expect(first?.timeUnixNano).toBe(`${Date.parse(decision.timestamp)}000000`);
    expect(second).toMatchObject({ severityNumber: 9, eventName: "vivified.outcome" });
    expect(third).not.toHaveProperty("traceId");
  });

  it("hold the whole record", () => {
    expect(JSON.parse(first?.body.stringValue ?? "")).toEqual(decision);
    expect(JSON.parse(third?.body.stringValue ?? "")).toEqual(odd);
  });
});

type Logged = Record<string, unknown> & { readonly body: { readonly stringValue: string } };
function logRecordsOf(logs: object): readonly Logged[] {
  return (logs as { resourceLogs: [{ scopeLogs: [{ logRecords: Logged[] }] }] }).resourceLogs[0].scopeLogs[0]
    .logRecords;
}
