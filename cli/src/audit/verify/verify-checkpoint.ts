import { type Checkpoint, type OpenedCheckpoint, openCheckpoint, type VerifierKey } from "@vivified/tlog";
import type { Finding, FindingKind } from "./finding.ts";

export type TrustedKeys = { readonly log: VerifierKey; readonly witnesses: readonly VerifierKey[] };

/** A checkpoint that the log's key signed, and which of the witnesses vouch for it. */
export type SoundCheckpoint = { readonly checkpoint: Checkpoint; readonly witnesses: readonly string[] };

type Fault = Extract<OpenedCheckpoint, { fault: string }>;

/** Opens a checkpoint; what is wrong is told, and undefined when it cannot be believed at all. */
export function verifyCheckpoint(
  note: Uint8Array,
  { log, witnesses }: TrustedKeys,
  add: (finding: Finding) => void,
): SoundCheckpoint | undefined {
  const opened = openCheckpoint(note, { log });
  if (opened.fault !== undefined) {
    add({ ...explained(opened, log), path: "checkpoint" });
    return undefined;
  }
  const sound = witnesses.filter((witness) => cosigned(note, { log, witness }, add));
  return { checkpoint: opened.checkpoint, witnesses: sound.map(({ name }) => name) };
}

const kinds: Readonly<Record<Fault["fault"], FindingKind>> = {
  malformed: "malformed_export",
  bad_signature: "bad_signature",
  unknown_signer: "unknown_key",
  wrong_origin: "foreign_log",
};

function explained({ fault, signers }: Fault, log: VerifierKey): Finding {
  const key = `${log.name}+${log.id}`;
  const by = signers.length === 0 ? "nobody" : signers.join(", ");
  const details: Readonly<Record<Fault["fault"], string>> = {
    malformed: "the checkpoint is no signed note of a log",
    bad_signature: `the signature that names the key ${key} was not made by it, or the checkpoint was changed`,
    unknown_signer: `the checkpoint was signed by ${by}, with another key than ${key}`,
    wrong_origin: `the checkpoint is one of another log than ${log.name}`,
  };
  return { kind: kinds[fault], detail: details[fault] };
}

type Pair = { readonly log: VerifierKey; readonly witness: VerifierKey };

function cosigned(note: Uint8Array, { log, witness }: Pair, add: (finding: Finding) => void): boolean {
  const opened = openCheckpoint(note, { log, witnesses: [witness] });
  const { name, id } = witness;
  if (opened.fault !== undefined) {
    add({ kind: "bad_cosignature", detail: `the cosignature that names ${name} was not made by its key ${id}` });
    return false;
  }
  if (opened.cosignatures.some((one) => one.name === name && one.id === id)) return true;
  add({ kind: "missing_cosignature", detail: `the witness ${name} has not cosigned this checkpoint` });
  return false;
}
