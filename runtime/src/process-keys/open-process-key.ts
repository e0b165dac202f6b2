import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { VivifiedError } from "../errors/vivified-error.ts";
import { parseProcessKeys } from "./parse-process-keys.ts";

export type OpenProcessKeyOptions = {
  /** The process's name among process keys: `core`, `control-plane`, a gateway's writer id. */
  readonly name: string;
  /** Its private key: Ed25519, PKCS #8 PEM. */
  readonly processKeyFile: string;
  /** Everybody's public keys. */
  readonly processKeysFile: string;
};

/**
 * Opens the key with which a process signs what it says over NATS. Its public half must be known to the others: what it
 * signs would count for nothing otherwise.
 *
 * @throws VivifiedError `invalid_config` for a file that holds no such key; the file system's error for one that is away
 */
export async function openProcessKey({
  name,
  processKeyFile,
  processKeysFile,
}: OpenProcessKeyOptions): Promise<KeyObject> {
  const key = privateKeyOf(await readFile(processKeyFile, "utf8"));
  const known = parseProcessKeys(await readFile(processKeysFile, "utf8")).get(name) ?? [];
  const own = createPublicKey(key);
  if (!known.some((one) => one.equals(own))) throw refused(`PROCESS_KEYS_FILE does not name this key for ${name}`);
  return key;
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw refused("PROCESS_KEY_FILE holds no private key", cause);
  }
  throw refused("PROCESS_KEY_FILE holds no Ed25519 key");
}

function refused(detail: string, cause?: unknown): VivifiedError {
  return new VivifiedError("invalid_config", { detail, cause });
}
