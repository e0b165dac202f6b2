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
};

/** @throws VivifiedError `invalid_config` when the file is no Ed25519 private key */
export async function readLogIdentity(keyFile: string, trustDomain: string): Promise<LogIdentity> {
  return logIdentity(await readFile(keyFile, "utf8"), trustDomain);
}

/** The identity of a key in PEM (PKCS #8). @throws VivifiedError `invalid_config` when it is no Ed25519 private key */
export function logIdentity(keyPem: string, trustDomain: string): LogIdentity {
  const origin = `${trustDomain}/audit`;
  const key = ed25519Key(keyPem);
  const verifier = verifierKeyOf(origin, signatureTypes.note, key);
  return { origin, signer: { name: origin, key }, verifier, vkey: formatVerifierKey(verifier) };
}

function ed25519Key(pem: string) {
  const detail = "AUDIT_LOG_KEY_FILE must hold an Ed25519 private key (PKCS #8 PEM)";
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail, cause });
  }
  throw new VivifiedError("invalid_config", { detail });
}
