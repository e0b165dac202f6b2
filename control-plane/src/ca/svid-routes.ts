import { BundleReply, SvidReply, SvidRequest } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { type GrantSvidDeps, grantSvid } from "./grant-svid.ts";

/**
 * The CSR port: the trust bundle for anybody, an SVID for whoever shows a join token or the SVID to be renewed.
 * `GET /health`: 503 when no SVID is given out because too many records wait. While some can wait it is 200, though NATS
 * may be away and nobody joins: certificates are renewed.
 */
export function svidRoutes(server: HttpServer, deps: GrantSvidDeps): void {
  const { bundle, trustDomain } = deps.authority;
  server.get("/v1/bundle", { schema: { response: { 200: BundleReply } } }, async () => ({ bundle }));
  server.get("/health", async (_request, reply) => {
    const audit = deps.trail.hasRoom;
    return reply.code(audit ? 200 : 503).send({ status: audit ? "ready" : "unavailable", checks: { audit } });
  });
  server.post("/v1/svid", { schema: { body: SvidRequest, response: { 200: SvidReply } } }, async (request) => {
    const { body, peer, trace, ip: address } = request;
    return grantSvid({ body, peer, trace, address, trustDomain, now: deps.clock.now() }, deps);
  });
}
