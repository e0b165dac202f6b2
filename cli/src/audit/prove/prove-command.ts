import { writeFile } from "node:fs/promises";
import { type AuditRecord, canonicalRecord, type RecordProofs } from "@vivified/contracts";
import type { CoreOptions } from "../../core/core-options.ts";
import { openCore } from "../../core/open-core.ts";

export type ProveOptions = CoreOptions & { readonly output?: string; readonly json?: boolean };

/** A decision as core shows it: the record, and what core knows of it beside. */
type Shown = Extract<AuditRecord, { kind: "decision" }> & {
  readonly outcome?: Extract<AuditRecord, { kind: "outcome" }>;
  readonly stream_sequence?: number;
  readonly log_index?: number;
};

/**
 * `vivified audit prove`: `<prefix>.json` and `<prefix>.tlog-proof`, and the same as `<prefix>.outcome.…` once the log has
 * an outcome. @throws AdminApiError when core does not have it
 */
export async function proveCommand(id: string, options: ProveOptions): Promise<number> {
  const { output: prefix = id } = options;
  await using core = await openCore(options);
  const path = encodeURIComponent(id);
  const proofs = await core.call<RecordProofs>("GET", `/admin/audit/proofs/${path}`);
  const { outcome, stream_sequence, log_index, ...decision } = await core.call<Shown>(
    "GET",
    `/admin/decisions/${path}`,
  );
  const files = [
    ...filesOf(prefix, decision, proofs.decision),
    ...(outcome && proofs.outcome !== undefined ? filesOf(`${prefix}.outcome`, outcome, proofs.outcome) : []),
  ];
  for (const [name, content] of files) await writeFile(name, content);
  const names = files.map(([name]) => name);
  console.log(options.json ? JSON.stringify({ files: names }) : names.join("\n"));
  return 0;
}

const filesOf = (prefix: string, record: AuditRecord, proof: string) =>
  [
    [`${prefix}.json`, `${canonicalRecord(record)}\n`],
    [`${prefix}.tlog-proof`, proof],
  ] as const;
