import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { JsonObject } from "@vivified/contracts";
import { subjectJwe } from "@vivified/contracts";
import { deriveSubjectSecret, type NatsConnection, type SubjectSecret, VivifiedError } from "@vivified/runtime";
import { type CryptoKey, importPKCS8 } from "jose";
import { type SubjectKeyRing, subjectKeyRing } from "./subject-key-ring.ts";

/** What core needs to open and to forget. */
export type SubjectParts = {
  readonly secret: SubjectSecret;
  readonly ring: SubjectKeyRing;
  /** Unwraps subjects' private keys. */
  readonly unwrapKey: CryptoKey;
  /** Its public JWK, for the snapshot. */
  readonly wrapKey: JsonObject;
};

type Configured = {
  readonly subjectSecret?: { readonly reveal: () => string };
  readonly subjectKeyFile?: string;
};

/** Undefined where neither is configured. @throws VivifiedError `invalid_config` when one is missing, or the key no P-256 */
export async function openSubjects(
  { subjectSecret, subjectKeyFile }: Configured,
  nats: NatsConnection,
): Promise<SubjectParts | undefined> {
  if (subjectSecret === undefined && subjectKeyFile === undefined) return undefined;
  if (subjectSecret === undefined || subjectKeyFile === undefined)
    throw invalid("subjectSecret and subjectKeyFile go together");
  const pem = await readFile(subjectKeyFile, "utf8");
  const { kty, crv, x, y } = createPrivateKey(pem).export({ format: "jwk" });
  if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined)
    throw invalid("subjectKeyFile holds no P-256 key");
  const secret = deriveSubjectSecret(subjectSecret.reveal());
  const unwrapKey = await importPKCS8(pem, subjectJwe.alg);
  return { secret, ring: subjectKeyRing(nats, secret), unwrapKey, wrapKey: { kty, crv, x, y } };
}

const invalid = (detail: string) => new VivifiedError("invalid_config", { detail });
