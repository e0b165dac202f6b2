import type { KeyObject } from "node:crypto";
import { isSignedJoinToken, JoinTokenEntry, joinTokenKey, parseJoinToken, type SpiffeId } from "@vivified/contracts";
import { type Clock, strictJsonOf } from "@vivified/runtime";
import { Check } from "typebox/value";
import { admissibleId } from "./admissible-id.ts";
import type { Authority } from "./authority.ts";
import type { JoinTokenStore, StoredJoinToken } from "./join-token-store.ts";

export type FindTokenDeps = {
  readonly authority: Pick<Authority, "rootHash" | "trustDomain">;
  readonly store: JoinTokenStore;
  readonly clock: Clock;
  /** The platform's public snapshot key (Ed25519): whose tokens count. */
  readonly platformKey: KeyObject;
};

/** A token that is good as far as anybody knows. */
export type JoinToken = {
  readonly spiffeId: SpiffeId;
  /** Uses it up; false when somebody was first. */
  readonly spend: () => Promise<boolean>;
};

export type TokenFault =
  | "malformed"
  | "another_root"
  | "unknown"
  | "reused"
  | "expired"
  | "broken_entry"
  | "unsigned"
  | "not_admissible";

/** What is wrong with a token, and whom it was for, where that is known. For the record; outside it looks the same. */
export type BadToken = { readonly fault: TokenFault; readonly spiffeId?: SpiffeId };

/** Looks a join token up, and does not spend it yet: what it is good for is recorded before that. */
export async function findJoinToken(text: string, deps: FindTokenDeps): Promise<JoinToken | BadToken> {
  const token = parseJoinToken(text);
  if (token === undefined) return { fault: "malformed" };
  if (token.rootHash !== deps.authority.rootHash) return { fault: "another_root" };
  const key = joinTokenKey(token.secret);
  const stored = await deps.store.find(key);
  return stored === undefined ? { fault: "unknown" } : accept({ key, stored }, deps);
}

type Found = { readonly key: string; readonly stored: StoredJoinToken };

function accept({ key, stored }: Found, deps: FindTokenDeps): JoinToken | BadToken {
  const entry = strictJsonOf(stored.value);
  if (!Check(JoinTokenEntry, entry)) return { fault: "broken_entry" };
  const spiffeId = admissibleId(entry.spiffe_id, deps.authority.trustDomain);
  if (!isSignedJoinToken(key, entry, deps.platformKey)) return { fault: "unsigned", ...(spiffeId && { spiffeId }) };
  if (spiffeId === undefined) return { fault: "not_admissible" };
  if (entry.used) return { fault: "reused", spiffeId };
  if (Date.parse(entry.expires_at) <= deps.clock.now().getTime()) return { fault: "expired", spiffeId };
  return { spiffeId, spend: () => deps.store.replace(stored, JSON.stringify({ ...entry, used: true })) };
}
