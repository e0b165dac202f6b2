import { readFile } from "node:fs/promises";
import { logKey, witnessKey } from "./trusted-keys.ts";
import type { Verification } from "./verify-export.ts";
import { verifyPath } from "./verify-path.ts";
import { verifyText } from "./verify-text.ts";

export type VerifyOptions = {
  readonly key: string;
  readonly witness?: readonly string[];
  readonly checkpoint?: string;
  readonly json?: boolean;
};

/** `vivified audit verify`: 0 when everything holds, 1 when something does not. @throws Error for what cannot be read */
export async function verifyCommand(path: string, options: VerifyOptions): Promise<number> {
  const verification = await verifyPath(path, {
    log: await logKey(options.key),
    witnesses: await Promise.all((options.witness ?? []).map(witnessKey)),
    ...(options.checkpoint !== undefined && { kept: await readFile(options.checkpoint) }),
  });
  console.log(options.json ? JSON.stringify(jsonOf(verification), undefined, 2) : verifyText(verification));
  return verification.findings.list.length === 0 ? 0 : 1;
}

function jsonOf({ findings, manifest, sound, verified, repeats, deleted }: Verification): object {
  const checkpoint = sound && {
    origin: sound.checkpoint.origin,
    size: sound.checkpoint.size,
    root: Buffer.from(sound.checkpoint.root).toString("base64"),
    witnesses: sound.witnesses,
  };
  return {
    ok: findings.list.length === 0,
    ...(checkpoint && { checkpoint }),
    ...(manifest && { from: manifest.from, to: manifest.to }),
    verified,
    repeats,
    deleted: deleted.map(({ by, count }) => ({ count, until: by.until, record: by.id })),
    counts: Object.fromEntries(findings.counts),
    findings: findings.list,
  };
}
