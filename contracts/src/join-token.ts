import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import type { SpiffeId } from "./spiffe.ts";

/** How long a join token can be used. */
export const joinTokenTtlMs = 10 * 60 * 1000;

/**
 * A one-time token for the first contact of a node: `vjt1.<secret>.<root hash>`, both base64url. The hash is SHA-256 of
 * the platform root's DER, so that the node knows whom it talks to before it trusts anything.
 */
export type JoinToken = { readonly secret: string; readonly rootHash: string };

/** What the `JOIN_TOKENS` bucket keeps under {@link joinTokenKey}; never the token itself. */
export const JoinTokenEntry = Type.Object(
  { spiffe_id: Type.String(), expires_at: Type.String({ format: "date-time" }), used: Type.Boolean() },
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

/** Makes a token for one SPIFFE ID from 32 random bytes, and the entry to store under `key`. */
export function mintJoinToken(options: { spiffeId: SpiffeId; rootHash: string; random: Uint8Array; nowMs: number }) {
  if (options.random.length !== 32) throw new TypeError("a join token takes 32 random bytes");
  const secret = Buffer.from(options.random).toString("base64url");
  const expires_at = new Date(options.nowMs + joinTokenTtlMs).toISOString();
  const entry: JoinTokenEntry = { spiffe_id: options.spiffeId, expires_at, used: false };
  return { token: formatJoinToken({ secret, rootHash: options.rootHash }), key: joinTokenKey(secret), entry };
}
