import { readFile } from "node:fs/promises";
import { type AuditRecord, logEntry } from "@vivified/contracts";
import { leafHash, type VerifiedProof, verifyTlogProof } from "@vivified/tlog";
import { collectFindings, type Finding, type Findings } from "./finding.ts";
import type { TrustedKeys } from "./verify-checkpoint.ts";

export type ProofFiles = { readonly record: string; readonly proof: string };
export type ProofVerification = { readonly findings: Findings; readonly index?: number; readonly size?: number };
type Fault = Extract<VerifiedProof, { fault: string }>["fault"];

/** Verifies that a log holds a record, from the record, its `.tlog-proof` and the log's key. @throws Error for no record */
export async function verifyProof(files: ProofFiles, { log, witnesses }: TrustedKeys): Promise<ProofVerification> {
  const record = recordOf(await readFile(files.record, "utf8"));
  if (record === undefined) throw new Error(`${files.record} is no record of an audit log`);
  const text = await readFile(files.proof, "utf8");
  const leaf = leafHash(logEntry(record));
  const { decision_id: id, timestamp } = record;
  const findings = collectFindings();
  const verified = verifyTlogProof(text, leaf, { log });
  if (verified.fault !== undefined) {
    findings.add({ ...explained[verified.fault], id, timestamp });
    return { findings };
  }
  for (const witness of witnesses) {
    const { fault, ...opened } = verifyTlogProof(text, leaf, { log, witnesses: [witness] });
    const signed = "cosignatures" in opened && opened.cosignatures.some((one) => one.id === witness.id);
    if (fault !== undefined)
      findings.add({ kind: "bad_cosignature", detail: `the cosignature of ${witness.name} is wrong` });
    else if (!signed) findings.add({ kind: "missing_cosignature", detail: `${witness.name} has not cosigned` });
  }
  return { findings, index: verified.index, size: verified.checkpoint.size };
}

const explained: Readonly<Record<Fault, Pick<Finding, "kind" | "detail">>> = {
  malformed: { kind: "malformed_export", detail: "the proof is no tlog-proof, or its checkpoint none of a log" },
  unknown_signer: { kind: "unknown_key", detail: "another key signed the checkpoint" },
  bad_signature: { kind: "bad_signature", detail: "the signature on the checkpoint is not by the key that it names" },
  wrong_origin: { kind: "foreign_log", detail: "the checkpoint is one of another log" },
  not_included: { kind: "record_changed", detail: "the proof does not lead from this record to the signed root" },
};

function recordOf(text: string): AuditRecord | undefined {
  try {
    const record = JSON.parse(text);
    const { decision_id, kind, timestamp } = record;
    return [decision_id, kind, timestamp].every((one) => typeof one === "string") ? record : undefined;
  } catch {
    return undefined;
  }
}
