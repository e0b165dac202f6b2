import { verify } from "node:crypto";
import { cosignedMessage, parseTimestamped } from "./cosignature.ts";
import type { SignatureLine } from "./signature-line.ts";
import { signatureTypes, type VerifierKey } from "./verifier-key.ts";

/** Who signed; a witness also says when, in seconds since 1970. */
export type VerifiedSignature = { readonly name: string; readonly id: string; readonly timestamp?: number };

/** The signature when the key made it over this text, else undefined. */
export function verifySignature(
  text: string,
  { name, id, signature }: SignatureLine,
  { type, key }: VerifierKey,
): VerifiedSignature | undefined {
  if (type === signatureTypes.note) {
    return verify(null, Buffer.from(text), key, signature) ? { name, id } : undefined;
  }
  const timestamped = parseTimestamped(signature);
  if (timestamped === undefined) return undefined;
  const message = cosignedMessage(text, timestamped.timestamp);
  const right = verify(null, Buffer.from(message), key, timestamped.signature);
  return right ? { name, id, timestamp: timestamped.timestamp } : undefined;
}
