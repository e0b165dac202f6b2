import type { SpiffeId, SvidRequest } from "@vivified/contracts";
import { type PeerSvid, VivifiedError } from "@vivified/runtime";
import { admissibleId } from "./admissible-id.ts";
import { type FindTokenDeps, findJoinToken, type TokenFault } from "./find-join-token.ts";

/** Why somebody gets an SVID: a join token was shown, which is spent then, or the SVID that this one follows. */
export type SvidRight = {
  readonly rule: "mesh.joined" | "mesh.renewed";
  readonly spiffeId: SpiffeId;
  readonly spend: () => Promise<boolean>;
};

/** Why somebody gets none. `spiffeId` is whom the token or the certificate was for, where that is known. */
export type NoRight = {
  readonly rule: `mesh.join_token_${TokenFault}` | "mesh.svid_expired" | "mesh.svid_not_admissible";
  readonly spiffeId?: string;
};

const spendNothing = async () => true;

/** @throws VivifiedError `unauthenticated` 401 when nothing at all was shown */
export async function svidRightOf(
  { join_token: token }: SvidRequest,
  peer: PeerSvid | undefined,
  deps: FindTokenDeps,
): Promise<SvidRight | NoRight> {
  if (token !== undefined) return ofToken(token, deps);
  if (peer === undefined) throw new VivifiedError("unauthenticated");
  const spiffeId = admissibleId(peer.id, deps.authority.trustDomain);
  if (spiffeId === undefined) return { rule: "mesh.svid_not_admissible", spiffeId: peer.id };
  // A connection may outlive the certificate that opened it.
  if (peer.expiresAt <= deps.clock.now()) return { rule: "mesh.svid_expired", spiffeId };
  return { rule: "mesh.renewed", spiffeId, spend: spendNothing };
}

async function ofToken(text: string, deps: FindTokenDeps): Promise<SvidRight | NoRight> {
  const found = await findJoinToken(text, deps);
  if (!("fault" in found)) return { rule: "mesh.joined", ...found };
  const { fault, ...whose } = found;
  return { rule: `mesh.join_token_${fault}`, ...whose };
}
