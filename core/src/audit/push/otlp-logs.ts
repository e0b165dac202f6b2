import type { AuditRecord } from "@vivified/contracts";
import type { PlacedRecord } from "../log-records.ts";

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } };
type KeyValue = { readonly key: string; readonly value: AnyValue };

/**
 * Records as an `ExportLogsServiceRequest` in the JSON mapping of OTLP 1.x: 64-bit numbers as decimal texts, trace ids in
 * hex. The body is the whole record as JSON text; attributes are what people search by. A denial is a warning.
 */
export function otlpLogs(records: readonly PlacedRecord[]): object {
  const resource = { attributes: attributesOf({ "service.name": "vivified-core", "service.namespace": "vivified" }) };
  const scope = { name: "vivified.audit" };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: records.map(logRecord) }] }] };
}

function logRecord({ record, logIndex }: PlacedRecord): object {
  const denied = record.kind === "decision" && record.result.effect === "deny";
  const nanos = `${BigInt(Date.parse(record.timestamp)) * 1_000_000n}`;
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: denied ? 13 : 9,
    severityText: denied ? "WARN" : "INFO",
    eventName: `vivified.${record.kind}`,
    body: { stringValue: JSON.stringify(record) },
    attributes: attributesOf({ "vivified.log_index": logIndex, ...searchable(record) }),
    ...(record.kind === "decision" && /^[0-9a-f]{32}$/.test(record.trace_id) && { traceId: record.trace_id }),
  };
}

type Attributes = { readonly [name: string]: string | number | readonly string[] | undefined };

function searchable(record: AuditRecord): Attributes {
  const decision = { "vivified.decision_id": record.decision_id };
  if (record.kind === "outcome") {
    const { outcome, status, code } = record;
    return { ...decision, "vivified.outcome": outcome, "vivified.status": status, "vivified.code": code };
  }
  const { lane, entrypoint, caller, action, resource, target, revision, result } = record;
  const said = Object.entries({ lane, entrypoint, caller, action, resource, target, revision, effect: result.effect });
  const named = Object.fromEntries(said.map(([name, value]) => [`vivified.${name}`, value]));
  return { ...decision, ...named, "vivified.rules": result.reasons.map(({ rule }) => rule) };
}

function attributesOf(attributes: Attributes): readonly KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number | readonly string[]): AnyValue {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { intValue: String(Math.trunc(value)) };
  return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } };
}
