import { canonicalJson, type JsonObject, keptPayloadType, type SubjectKeyEntry, subjectJwe } from "@vivified/contracts";
import { CompactEncrypt, importJWK } from "jose";

/** Seals fields for a data subject as a compact JWE (RFC 7516), which names the record that it belongs to. */
export async function sealForSubject(
  fields: JsonObject,
  to: Pick<SubjectKeyEntry, "key" | "public">,
  decisionId: string,
): Promise<string> {
  const header = { ...subjectJwe, typ: keptPayloadType, kid: to.key, decision_id: decisionId };
  return new CompactEncrypt(new TextEncoder().encode(canonicalJson(fields)))
    .setProtectedHeader(header)
    .encrypt(await importJWK({ ...to.public }, subjectJwe.alg));
}
