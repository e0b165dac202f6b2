import { JoinTokenEntry, joinTokenKey, parseJoinToken, type SpiffeId } from "@vivified/contracts";
import { type Clock, type Logger, parseStrictJson, VivifiedError } from "@vivified/runtime";
import { Check } from "typebox/value";
import { admissibleId } from "./admissible-id.ts";
import type { Authority } from "./authority.ts";
import type { JoinTokenStore, StoredJoinToken } from "./join-token-store.ts";

export type RedeemDeps = {
  readonly authority: Pick<Authority, "rootHash" | "trustDomain">;
  readonly store: JoinTokenStore;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Spends a join token, once, and says whom it is for. Whatever is wrong with it looks the same from outside; the log
 * knows the difference, and a second use is a security event: somebody else may have the token.
 *
 * @throws VivifiedError `invalid_join_token` 401
 */
export async function redeemJoinToken(text: string, deps: RedeemDeps): Promise<SpiffeId> {
  const token = parseJoinToken(text);
  if (token === undefined) return refuse("malformed", deps);
  if (token.rootHash !== deps.authority.rootHash) return refuse("another_root", deps);
  const stored = await deps.store.find(joinTokenKey(token.secret));
  if (stored === undefined) return refuse("unknown", deps);
  const { spiffeId, entry } = accept(stored, deps);
  if (entry.used) return refuse("reused", deps, spiffeId);
  if (Date.parse(entry.expires_at) <= deps.clock.now().getTime()) return refuse("expired", deps, spiffeId);
  const spent = await deps.store.replace(stored, JSON.stringify({ ...entry, used: true }));
  return spent ? spiffeId : refuse("reused", deps, spiffeId);
}

function accept(stored: StoredJoinToken, deps: RedeemDeps): { spiffeId: SpiffeId; entry: JoinTokenEntry } {
  const entry: unknown = parseStrictJson(stored.value);
  if (!Check(JoinTokenEntry, entry)) return refuse("broken_entry", deps);
  const spiffeId = admissibleId(entry.spiffe_id, deps.authority.trustDomain);
  return spiffeId === undefined ? refuse("not_admissible", deps) : { spiffeId, entry };
}

type Fault = "malformed" | "another_root" | "unknown" | "reused" | "expired" | "broken_entry" | "not_admissible";

function refuse(fault: Fault, { logger }: RedeemDeps, spiffeId?: SpiffeId): never {
  logger.warn({ security: true, fault, spiffe_id: spiffeId }, "join token refused");
  throw new VivifiedError("invalid_join_token");
}
