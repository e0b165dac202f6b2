import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { type Static, Type } from "typebox";
import type { SpiffeId } from "./spiffe.ts";

/** How long a join token can be used. */
export const joinTokenTtlMs = 10 * 60 * 1000;

/**
 * A one-time token for the first contact of a node: `vjt1.<secret>.<root hash>`, both base64url. The hash is SHA-256 of
 * the platform root's DER, so that the node knows whom it talks to before it trusts anything.
 */
export type JoinToken = { readonly secret: string; readonly rootHash: string };

/**
 * What the `JOIN_TOKENS` bucket keeps under {@link joinTokenKey}; never the token itself. `signature` is by the platform's
 * snapshot key: that something lies in the bucket does not prove who put it there.
 */
export const JoinTokenEntry = Type.Object(
  {
    spiffe_id: Type.String(),
    expires_at: Type.String({ format: "date-time" }),
    used: Type.Boolean(),
    signature: Type.String({ pattern: "^[A-Za-z0-9_-]{86}$" }),
  },
  { additionalProperties: false },
);
export type JoinTokenEntry = Static<typeof JoinTokenEntry>;

export function formatJoinToken(token: JoinToken): string {
  return `vjt1.${token.secret}.${token.rootHash}`;
}

export function parseJoinToken(text: string): JoinToken | undefined {
  const [, secret, rootHash] = /^vjt1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/.exec(text.trim()) ?? [];
  return secret && rootHash ? { secret, rootHash } : undefined;
}

/** The bucket key of a token: hex SHA-256 of its secret. */
export function joinTokenKey(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

export type MintOptions = {
  readonly spiffeId: SpiffeId;
  readonly rootHash: string;
  readonly random: Uint8Array;
  readonly nowMs: number;
  /** Private, Ed25519: the platform's snapshot key. */
  readonly signingKey: KeyObject;
};

/** Makes a token for one SPIFFE ID from 32 random bytes, and the entry to store under `key`. */
export function mintJoinToken(options: MintOptions) {
  if (options.random.length !== 32) throw new TypeError("a join token takes 32 random bytes");
  const secret = Buffer.from(options.random).toString("base64url");
  const expires_at = new Date(options.nowMs + joinTokenTtlMs).toISOString();
  const key = joinTokenKey(secret);
  const told = { spiffe_id: options.spiffeId, expires_at };
  const signature = sign(null, signedText(key, told), options.signingKey).toString("base64url");
  const entry: JoinTokenEntry = { ...told, used: false, signature };
  return { token: formatJoinToken({ secret, rootHash: options.rootHash }), key, entry };
}

/** Whether the platform made the entry, and for this key. `publicKey`: Ed25519. Whether it is used is not signed. */
export function isSignedJoinToken(key: string, entry: JoinTokenEntry, publicKey: KeyObject): boolean {
  return verify(null, signedText(key, entry), publicKey, Buffer.from(entry.signature, "base64url"));
}

/** One field a line, under a name of its own: no other text that the key signs looks like it. */
function signedText(key: string, { spiffe_id, expires_at }: Pick<JoinTokenEntry, "spiffe_id" | "expires_at">): Buffer {
  return Buffer.from(`vivified join token v1\n${key}\n${spiffe_id}\n${expires_at}\n`);
}
