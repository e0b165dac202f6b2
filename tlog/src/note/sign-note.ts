import { type KeyObject, sign } from "node:crypto";
import { cosignedMessage, formatTimestamped } from "./cosignature.ts";
import { formatSignatureLine } from "./signature-line.ts";
import { signatureTypes, verifierKeyOf } from "./verifier-key.ts";

/** An Ed25519 private key and the name it signs under. */
export type NoteSigner = { readonly name: string; readonly key: KeyObject };

/**
 * The note: text, which must end with a newline, and below it the signature of each signer, of type 0x01. The same text
 * gives the same note.
 */
export function signNote(text: string, ...signers: readonly NoteSigner[]): string {
  return `${text}\n${signers.map((signer) => signatureOf(text, signer)).join("")}`;
}

function signatureOf(text: string, { name, key }: NoteSigner): string {
  const { id } = verifierKeyOf(name, signatureTypes.note, key);
  return formatSignatureLine({ name, id, signature: sign(null, Buffer.from(text), key) });
}

/** The signature line of a witness that has seen the checkpoint with this text; `timestamp` in seconds since 1970. */
export function cosign(text: string, timestamp: number, { name, key }: NoteSigner): string {
  const { id } = verifierKeyOf(name, signatureTypes.cosignature, key);
  const signature = sign(null, Buffer.from(cosignedMessage(text, timestamp)), key);
  return formatSignatureLine({ name, id, signature: formatTimestamped({ timestamp, signature }) });
}
