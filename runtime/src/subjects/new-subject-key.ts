import { type JsonObject, subjectJwe, wrappedSubjectKeyType } from "@vivified/contracts";
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK } from "jose";
import { writeSubjectKey } from "./subject-key-entry.ts";
import type { SubjectSecret } from "./subject-secret.ts";

export type NewSubjectKeyDeps = {
  readonly secret: SubjectSecret;
  /** Core's public JWK: who alone can unwrap the private key. */
  readonly wrapKey: JsonObject;
  readonly newId: () => string;
};

/** A key pair for a subject (P-256), as the bucket keeps it. The private half leaves this function wrapped only. */
export async function newSubjectKey(subject: string, { secret, wrapKey, newId }: NewSubjectKeyDeps): Promise<string> {
  const { alg, enc } = subjectJwe;
  const pair = await generateKeyPair(alg, { crv: "P-256", extractable: true });
  const key = newId();
  const secretJwk = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.privateKey)));
  const wrapped = await new CompactEncrypt(secretJwk)
    .setProtectedHeader({ alg, enc, typ: wrappedSubjectKeyType, kid: key, subject })
    .encrypt(await importJWK({ ...wrapKey }, alg));
  const { x = "", y = "" } = await exportJWK(pair.publicKey);
  const publicKey = { kty: "EC", crv: "P-256", x, y } as const;
  return writeSubjectKey(subject, { version: 1, key, public: publicKey, wrapped }, secret);
}
