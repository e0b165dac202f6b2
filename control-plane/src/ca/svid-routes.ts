import { BundleReply, type SpiffeId, SvidReply, SvidRequest } from "@vivified/contracts";
import { type Clock, type HttpServer, type PeerSvid, VivifiedError } from "@vivified/runtime";
import { acceptCsr } from "./accept-csr.ts";
import { admissibleId } from "./admissible-id.ts";
import type { Authority } from "./authority.ts";
import { issueSvid, type SvidRules } from "./issue-svid.ts";
import { type RedeemDeps, redeemJoinToken } from "./redeem-join-token.ts";

export type SvidRoutesDeps = RedeemDeps & { readonly authority: Authority; readonly rules: SvidRules };

/** The CSR port: the trust bundle for anybody, an SVID for whoever shows a join token or the SVID to be renewed. */
export function svidRoutes(server: HttpServer, deps: SvidRoutesDeps): void {
  server.get("/v1/bundle", { schema: { response: { 200: BundleReply } } }, async () => ({
    bundle: deps.authority.bundle,
  }));
  server.post("/v1/svid", { schema: { body: SvidRequest, response: { 200: SvidReply } } }, async (request) =>
    answer(request.body, request.peer, deps),
  );
}

/** The request is checked before the token is spent, so that a malformed one costs nothing. */
async function answer(body: SvidRequest, peer: PeerSvid | undefined, deps: SvidRoutesDeps): Promise<SvidReply> {
  const publicKey = await acceptCsr(body.csr);
  const spiffeId = await whoAsks(body, peer, deps);
  const issued = await issueSvid(deps.authority, { spiffeId, publicKey, now: deps.clock.now() }, deps.rules);
  deps.logger.info({ spiffe_id: spiffeId, expires_at: issued.expiresAt }, "svid issued");
  return {
    spiffe_id: spiffeId,
    certificate_chain: issued.chainPem,
    bundle: deps.authority.bundle,
    expires_at: issued.expiresAt.toISOString(),
  };
}

async function whoAsks(body: SvidRequest, peer: PeerSvid | undefined, deps: SvidRoutesDeps): Promise<SpiffeId> {
  if (body.join_token !== undefined) return redeemJoinToken(body.join_token, deps);
  const spiffeId = peer && isLive(peer, deps.clock) ? admissibleId(peer.id, deps.authority.trustDomain) : undefined;
  if (spiffeId === undefined) throw new VivifiedError("unauthenticated");
  return spiffeId;
}

/** A connection may outlive the certificate that opened it. */
function isLive(peer: PeerSvid, clock: Clock): boolean {
  return peer.expiresAt > clock.now();
}
