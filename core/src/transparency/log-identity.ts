import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { VivifiedError } from "@vivified/runtime";
import { formatVerifierKey, type NoteSigner, signatureTypes, type VerifierKey, verifierKeyOf } from "@vivified/tlog";

/** Whose log it is: the origin of its checkpoints, which is the name of its key, and the key. */
export type LogIdentity = {
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly verifier: VerifierKey;
  /** What an auditor needs to verify the log: the verifier key as signed-note writes it. */
  readonly vkey: string;
  /** The key before, while it signs as well. */
  readonly old?: OldKey;
};

/** A key that is on its way out. */
export type OldKey = Pick<LogIdentity, "signer" | "verifier" | "vkey">;

/** Files with PEM. */
export type LogKeyFiles = { readonly auditLogKeyFile: string; readonly auditLogOldKeyFile?: string };

/** @throws VivifiedError `invalid_config` when a file is no Ed25519 private key, or both are the same */
export async function readLogIdentity(files: LogKeyFiles, trustDomain: string): Promise<LogIdentity> {
  const { auditLogKeyFile: file, auditLogOldKeyFile: oldFile } = files;
  const identity = logIdentity(await readFile(file, "utf8"), trustDomain);
  if (oldFile === undefined) return identity;
  const old = logIdentity(await readFile(oldFile, "utf8"), trustDomain);
  if (old.vkey === identity.vkey)
    throw new VivifiedError("invalid_config", { detail: "AUDIT_LOG_OLD_KEY_FILE holds the key that is to follow it" });
  return { ...identity, old };
}

/** The identity of a key in PEM (PKCS #8). @throws VivifiedError `invalid_config` when it is no Ed25519 private key */
export function logIdentity(keyPem: string, trustDomain: string): LogIdentity {
  const origin = `${trustDomain}/audit`;
  const key = ed25519Key(keyPem);
  const verifier = verifierKeyOf(origin, signatureTypes.note, key);
  return { origin, signer: { name: origin, key }, verifier, vkey: formatVerifierKey(verifier) };
}

function ed25519Key(pem: string) {
  const detail = "AUDIT_LOG_KEY_FILE and AUDIT_LOG_OLD_KEY_FILE hold Ed25519 private keys (PKCS #8 PEM)";
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail, cause });
  }
  throw new VivifiedError("invalid_config", { detail });
}
