import { createPublicKey } from "node:crypto";
import { VivifiedError } from "@vivified/runtime";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

/** What a signature may be made with. Secrets that both sides share are not among them. */
const signatureAlgorithms = ["RS256", "PS256", "ES256", "ES384"] as const;

const BundleKey = Type.Object(
  { algorithm: Type.Enum([...signatureAlgorithms]), key: Type.String({ description: "SPKI, PEM" }) },
  { additionalProperties: false },
);
const Keys = Type.Record(Type.String({ pattern: "^[A-Za-z0-9._-]{1,64}$" }), BundleKey, { minProperties: 1 });

/** Whose bundles are believed: by key id, as OPA's `keys` configuration has it. */
export type BundleKeys = ReadonlyMap<string, Static<typeof BundleKey>>;

/**
 * Reads a file of trusted keys: `{"<key id>": {"algorithm": "RS256", "key": "-----BEGIN PUBLIC KEY-----…"}}`.
 *
 * @throws VivifiedError `invalid_config` when it is anything else: a key that cannot be read must not mean "no check"
 */
export function parseBundleKeys(text: string): BundleKeys {
  const value = parsed(text);
  if (!Value.Check(Keys, value)) throw refused("it is not an object of keys by id, each with algorithm and key");
  for (const [id, { key }] of Object.entries(value)) checkKey(id, key);
  return new Map(Object.entries(value));
}

/** A private key would do for OpenSSL, too; it has no business here. */
function checkKey(id: string, key: string): void {
  if (!key.includes("BEGIN PUBLIC KEY")) throw refused(`${id} is no public key (SPKI, PEM)`);
  try {
    createPublicKey(key);
  } catch (cause) {
    throw refused(`${id} cannot be read`, cause);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused("it is not JSON", cause);
  }
}

function refused(why: string, cause?: unknown): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `policy keys: ${why}`, cause });
}
