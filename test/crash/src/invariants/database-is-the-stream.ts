import { type AuditRecord, canonicalJson } from "@vivified/contracts";
import type { Evidence, KeptRecord, Place, Violation } from "../evidence/evidence.ts";

/**
 * I5: PostgreSQL holds what the stream holds, every record once and byte for byte, with the block and the place in the
 * log where it stands. What stands nowhere is core's own, as long as core writes no blocks.
 */
export function databaseIsTheStream(evidence: Evidence): readonly Violation[] {
  const { decisions, outcomes, logSize } = evidence.kept;
  const streamed = placesOf(evidence);
  const coreWrites = evidence.blocks.some(({ writer }) => writer.startsWith("core"));
  const mayStandNowhere = (record: AuditRecord) => !coreWrites && record.kind === "decision" && record.lane === "core";
  const size = evidence.blocks.reduce((sum, { block }) => sum + block.records.length, 0);
  return [
    ...compare({ kind: "decision", kept: decisions, streamed, mayStandNowhere }),
    ...compare({ kind: "outcome", kept: outcomes, streamed, mayStandNowhere }),
    ...(logSize === size ? [] : [violation(`the log has ${logSize} records, the stream ${size}`, "log_size")]),
  ];
}

const keyOf = ({ kind, decision_id }: AuditRecord) => `${kind} ${decision_id}`;
const told = (record: AuditRecord, place: Place | undefined) =>
  `${place?.streamSequence} ${place?.logIndex} ${canonicalJson(record)}`;

/** Every record of the stream with its place: the log's order is the stream's order. */
function placesOf({ blocks }: Evidence): Map<string, string> {
  const places = new Map<string, string>();
  let logIndex = 0;
  for (const { block, streamSequence } of blocks) {
    for (const record of block.records) {
      const key = keyOf(record);
      if (!places.has(key)) places.set(key, told(record, { streamSequence, logIndex }));
      logIndex += 1;
    }
  }
  return places;
}

type Comparison = {
  readonly kind: AuditRecord["kind"];
  readonly kept: readonly KeptRecord<AuditRecord>[];
  readonly streamed: ReadonlyMap<string, string>;
  readonly mayStandNowhere: (record: AuditRecord) => boolean;
};

function compare(comparison: Comparison): Violation[] {
  const { kind, kept, streamed } = comparison;
  const ids = kept.map(({ record }) => record.decision_id);
  const seen = new Set(ids);
  const missing = [...streamed.keys()].filter((key) => key.startsWith(`${kind} `) && !seen.has(idOf(key)));
  return [
    ...(seen.size === ids.length ? [] : [violation(`PostgreSQL holds a ${kind} twice`, doubleOf(ids))]),
    ...kept.flatMap((one) => differences(one, comparison)),
    ...missing.map((key) => violation(`PostgreSQL lacks a ${kind}`, idOf(key))),
  ];
}

function differences({ record, place }: KeptRecord<AuditRecord>, { kind, streamed, mayStandNowhere }: Comparison) {
  const stands = streamed.get(keyOf(record));
  const { decision_id: id } = record;
  if (stands === undefined) {
    return mayStandNowhere(record) ? [] : [violation(`PostgreSQL holds a ${kind} that is not in the stream`, id)];
  }
  return stands === told(record, place) ? [] : [violation(`PostgreSQL holds another ${kind}, or at another place`, id)];
}

function doubleOf(ids: readonly string[]): string {
  const sorted = ids.toSorted();
  return sorted.find((id, at) => id === sorted[at + 1]) ?? "";
}

const idOf = (key: string) => key.slice(key.indexOf(" ") + 1);
const violation = (says: string, id: string): Violation => ({ invariant: "I5", says, ids: [id] });
