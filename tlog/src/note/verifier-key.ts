import { createPublicKey, hash, type KeyObject } from "node:crypto";
import { base64Of, bytesOf } from "./base64.ts";

/** What a signature is made over: the note's text, or what a witness says about it (signed-note, signature types). */
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

export const signatureTypes = { note: 0x01, cosignature: 0x04 } as const;

/** A public Ed25519 key of a log or a witness, with the name it signs under. */
export type VerifierKey = {
  readonly name: string;
  /** The first four bytes of a digest of name, type and key: eight hex digits. */
  readonly id: string;
  readonly type: SignatureType;
  readonly key: KeyObject;
};

/** A name that may stand in a signature line: not empty, no space of Unicode, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Cc}+]+$/u.test(name) && name.isWellFormed();
}

/** `name+id+base64(type || key)`, as signed-note writes verifier keys; undefined when the text is none that we can use. */
export function parseVerifierKey(text: string): VerifierKey | undefined {
  const [name = "", id = "", ...rest] = text.split("+");
  const bytes = bytesOf(rest.join("+"));
  const type = Object.values(signatureTypes).find((one) => one === bytes?.[0]);
  if (!isKeyName(name) || type === undefined || bytes?.length !== 33) return undefined;
  const raw = bytes.subarray(1);
  return keyId({ name, type, raw }) === id ? { name, id, type, key: publicKeyOf(raw) } : undefined;
}

export function formatVerifierKey({ name, id, type, key }: VerifierKey): string {
  return `${name}+${id}+${base64Of(Buffer.concat([Buffer.from([type]), rawKey(key)]))}`;
}

/** The verifier of an Ed25519 key, public or private, under a name. */
export function verifierKeyOf(name: string, type: SignatureType, key: KeyObject): VerifierKey {
  const raw = rawKey(key.type === "private" ? createPublicKey(key) : key);
  return { name, id: keyId({ name, type, raw }), type, key: publicKeyOf(raw) };
}

type NamedKey = { readonly name: string; readonly type: SignatureType; readonly raw: Uint8Array };

function keyId({ name, type, raw }: NamedKey): string {
  return hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([type]), raw]), "hex").slice(0, 8);
}

function rawKey(key: KeyObject): Uint8Array {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
