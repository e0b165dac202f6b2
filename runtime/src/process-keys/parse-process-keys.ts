import { createPublicKey, type KeyObject } from "node:crypto";
import { ProcessKeysFile } from "@vivified/contracts";
import { Value } from "typebox/value";
import { VivifiedError } from "../errors/vivified-error.ts";
import { strictJsonOf } from "../json/strict-json-of.ts";

/** Public keys (Ed25519) by process; see `ProcessKeysFile`. */
export type ProcessKeys = ReadonlyMap<string, readonly KeyObject[]>;

/**
 * Reads a file of process keys: `{"gateway-1": ["-----BEGIN PUBLIC KEY-----…"]}`.
 *
 * @throws VivifiedError `invalid_config` when it is anything else: a key that cannot be read must not mean "no check"
 */
export function parseProcessKeys(text: string): ProcessKeys {
  const value = strictJsonOf(text);
  if (!Value.Check(ProcessKeysFile, value)) throw refused("it is not an object of lists of keys by process");
  return new Map(Object.entries(value).map(([name, pems]) => [name, pems.map((pem) => keyOf(name, pem))]));
}

/** A private key would do for OpenSSL, too; it has no business here. */
function keyOf(name: string, pem: string): KeyObject {
  if (!pem.includes("BEGIN PUBLIC KEY")) throw refused(`a key of ${name} is no public key (SPKI, PEM)`);
  const key = read(name, pem);
  if (key.asymmetricKeyType !== "ed25519") throw refused(`a key of ${name} is not an Ed25519 key`);
  return key;
}

function read(name: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw refused(`a key of ${name} cannot be read`, cause);
  }
}

function refused(why: string, cause?: unknown): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `process keys: ${why}`, cause });
}
