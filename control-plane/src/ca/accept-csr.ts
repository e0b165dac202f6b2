import type { webcrypto } from "node:crypto";
import { VivifiedError } from "@vivified/runtime";
import { Pkcs10CertificateRequest, type PublicKey } from "@vivified/runtime/x509";

const onePemRequest = /^\s*-----BEGIN CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE REQUEST-----\s*$/;

/**
 * The public key of a certificate request, once its holder has proved to have the private one. Nothing else in the
 * request is read: names come from who is asking.
 *
 * @throws VivifiedError `invalid_csr` 400 unless it is one PKCS #10 request for an EC P-256 key, signed by that key.
 */
export async function acceptCsr(pem: string): Promise<PublicKey> {
  const request = parse(pem);
  if (!isP256(request.publicKey)) refuse("the key must be EC P-256");
  if (!(await request.verify().catch(() => false))) refuse("the request is not signed by its own key");
  return request.publicKey;
}

function parse(pem: string): Pkcs10CertificateRequest {
  if (!onePemRequest.test(pem)) return refuse("not a PEM certificate request");
  try {
    return new Pkcs10CertificateRequest(pem.trim());
  } catch (cause) {
    return refuse("not a certificate request", cause);
  }
}

function isP256(key: PublicKey): boolean {
  const { name, namedCurve } = key.algorithm as webcrypto.EcKeyAlgorithm;
  return name === "ECDSA" && namedCurve === "P-256";
}

function refuse(detail: string, cause?: unknown): never {
  throw new VivifiedError("invalid_csr", { detail, cause });
}
