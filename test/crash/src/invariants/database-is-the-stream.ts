import { type AuditRecord, canonicalJson } from "@vivified/contracts";
import type { Evidence, KeptRecord, StoredBlock, Violation } from "../evidence/evidence.ts";

/**
 * I5: PostgreSQL holds what the stream holds, every record once and byte for byte, at the place where it stands. What
 * stands nowhere is core's own, as long as core writes no blocks.
 */
export function databaseIsTheStream({ blocks, kept }: Evidence): readonly Violation[] {
  const coreWrites = blocks.some(({ writer }) => writer.startsWith("core"));
  const stands = (record: AuditRecord) => coreWrites || record.kind === "outcome" || record.lane !== "core";
  return [
    ...compare("decision", kept.decisions, { blocks, stands }),
    ...compare("outcome", kept.outcomes, { blocks, stands }),
  ];
}

type Comparison = { readonly blocks: readonly StoredBlock[]; readonly stands: (record: AuditRecord) => boolean };

function compare(kind: AuditRecord["kind"], kept: readonly KeptRecord<AuditRecord>[], { blocks, stands }: Comparison) {
  const streamed = new Map(
    blocks.flatMap(({ block, streamSequence }) =>
      block.records.flatMap((record) =>
        record.kind === kind ? [[record.decision_id, told(record, streamSequence)]] : [],
      ),
    ) as [string, string][],
  );
  const found: Violation[] = [];
  const seen = new Set<string>();
  for (const { record, streamSequence } of kept) {
    const id = record.decision_id;
    if (seen.has(id)) found.push(violation(`PostgreSQL holds a ${kind} twice`, id));
    seen.add(id);
    const stood = streamed.get(id);
    if (stood === undefined && stands(record))
      found.push(violation(`PostgreSQL holds a ${kind} that is not in the stream`, id));
    if (stood !== undefined && stood !== told(record, streamSequence))
      found.push(violation(`PostgreSQL holds another ${kind}`, id));
  }
  const missing = [...streamed.keys()].filter((id) => !seen.has(id));
  return [...found, ...missing.map((id) => violation(`PostgreSQL lacks a ${kind}`, id))];
}

const told = (record: AuditRecord, streamSequence: number | undefined) => `${streamSequence} ${canonicalJson(record)}`;
const violation = (says: string, id: string): Violation => ({ invariant: "I5", says, ids: [id] });
