import type { DecisionRecord } from "@vivified/contracts";
import { defaultTenant } from "../tenant.ts";
import { storableText } from "./storable-text.ts";

/** Where a record stands; core's own stand nowhere until a block holds them, and are sorted in later. */
export type Place = { readonly streamSequence: number; readonly logIndex: number; readonly shapeId: string };

/** A decision as a row: the whole record, and what is searched by. */
export function decisionColumns(record: DecisionRecord, place?: Place) {
  return {
    occurred_at: new Date(record.timestamp),
    decision_id: storableText(record.decision_id),
    tenant_id: defaultTenant,
    lane: record.lane,
    entrypoint: record.entrypoint,
    caller: storableText(record.caller),
    action: storableText(record.action),
    resource: storableText(record.resource),
    target: record.target === undefined ? null : storableText(record.target),
    effect: record.result.effect,
    rules: record.result.reasons.map((reason) => storableText(reason.rule)),
    trace_id: storableText(record.trace_id),
    parent_id: record.parent_id === undefined ? null : storableText(record.parent_id),
    record: JSON.stringify(record),
    stream_sequence: place === undefined ? null : String(place.streamSequence),
    log_index: place === undefined ? null : String(place.logIndex),
    shape_id: place?.shapeId ?? null,
    kept_subject: keptSubject(record),
  };
}

/** Blocks are not held to the shape of what is kept. */
function keptSubject({ kept }: DecisionRecord): string | null {
  const subject: unknown = kept?.subject;
  return typeof subject === "string" ? storableText(subject) : null;
}
