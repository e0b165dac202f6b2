import { readFile } from "node:fs/promises";
import type { ExportManifest } from "@vivified/contracts";
import { systemClock } from "@vivified/runtime";
import type { VerifierKey } from "@vivified/tlog";
import { harmlessJson } from "../../terminal/harmless.ts";
import type { AskedStretch } from "./asked-stretch.ts";
import { logKey, oldLogKey, witnessKey } from "./trusted-keys.ts";
import type { TrustedKeys } from "./verify-checkpoint.ts";
import type { Verification } from "./verify-export.ts";
import { verifyPath } from "./verify-path.ts";
import { type ProofVerification, verifyProof } from "./verify-proof.ts";
import { findingLine, verifyText } from "./verify-text.ts";

export type VerifyOptions = {
  readonly key: string;
  readonly from?: number;
  readonly to?: number;
  readonly since?: number;
  readonly until?: number;
  readonly witness?: readonly string[];
  readonly checkpoint?: string;
  readonly oldKey?: string;
  readonly retentionDays?: string;
  readonly proof?: string;
  readonly json?: boolean;
};

/** `vivified audit verify`: 0 when everything holds, 1 when something does not. @throws Error for what cannot be read */
export async function verifyCommand(path: string, options: VerifyOptions): Promise<number> {
  const log = await logKey(options.key);
  const witnesses = await Promise.all((options.witness ?? []).map(witnessKey));
  if (options.proof !== undefined) return proofCommand(await proven(path, options, { log, witnesses }), options);
  const verification = await verifyPath(path, {
    ...{ log, witnesses, clock: systemClock, asked: askedOf(options) },
    ...(await keptOf(options, log)),
    ...(options.retentionDays !== undefined && { keptForDays: daysOf(options.retentionDays) }),
  });
  console.log(options.json ? harmlessJson(jsonOf(verification), 2) : verifyText(verification));
  return verification.findings.list.length === 0 ? 0 : 1;
}

/** @throws Error for an end before its beginning */
function askedOf({ from, to, since, until }: VerifyOptions): AskedStretch {
  if (from !== undefined && to !== undefined && from > to) throw new Error("--from lies behind --to");
  if (since !== undefined && until !== undefined && since > until) throw new Error("--since lies behind --until");
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(since !== undefined && { sinceMs: since }),
    ...(until !== undefined && { untilMs: until }),
  };
}

/** The checkpoint that was kept, and the key that it may be signed with beside this one. */
async function keptOf({ checkpoint, oldKey }: VerifyOptions, log: VerifierKey) {
  if (checkpoint === undefined && oldKey !== undefined)
    throw new Error("--old-key is believed of a checkpoint that was kept alone: say which with --checkpoint");
  if (checkpoint === undefined) return {};
  const kept = await readFile(checkpoint);
  return oldKey === undefined ? { kept } : { kept, oldLog: await oldLogKey(oldKey, log) };
}

function daysOf(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`--retention-days ${text} is not a number of days`);
}

function proven(record: string, options: VerifyOptions, trusted: TrustedKeys) {
  const { proof = "", checkpoint, oldKey } = options;
  if (checkpoint !== undefined || oldKey !== undefined)
    throw new Error("--checkpoint and --old-key are for exports: one proof leads to one checkpoint");
  if (Object.keys(askedOf(options)).length > 0) throw new Error("a stretch is asked of exports, not of one record");
  return verifyProof({ record, proof }, trusted);
}

function proofCommand({ findings, index, size }: ProofVerification, { json }: VerifyOptions): number {
  const ok = findings.list.length === 0;
  const place = index === undefined ? [] : [`the log holds the record at place ${index} of ${size}`];
  const text = [...place, ...findings.list.map(findingLine), ok ? "verified" : "NOT VERIFIED"].join("\n");
  console.log(json ? harmlessJson({ ok, index, size, findings: findings.list }, 2) : text);
  return ok ? 0 : 1;
}

/** What was checked. */
const stretchOf = ({ from, to, size, evidence }: ExportManifest) => ({
  ...{ from, to, behind: evidence.length, whole: from === 0 && to === size },
});

function jsonOf({ findings, manifest, sound, verified, repeats, deleted, warnings }: Verification): object {
  const checkpoint = sound && {
    origin: sound.checkpoint.origin,
    size: sound.checkpoint.size,
    root: Buffer.from(sound.checkpoint.root).toString("base64"),
    witnesses: sound.witnesses,
  };
  return {
    ok: findings.list.length === 0,
    ...(checkpoint && { checkpoint }),
    ...(manifest && stretchOf(manifest)),
    verified,
    repeats,
    deleted: deleted.map(({ by, count }) => ({ count, until: by.until, record: by.id })),
    warnings,
    counts: Object.fromEntries(findings.counts),
    findings: findings.list,
  };
}
