import { constants } from "node:crypto";
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps, type Server as TlsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { parseTraceparent, type TraceContext } from "@vivified/contracts";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController, type RawServerDefault } from "fastify";
import { VivifiedError } from "../errors/vivified-error.ts";
import { type PeerSvid, peerSvid } from "../identity/peer-svid.ts";
import type { Svid, SvidSource } from "../identity/svid.ts";
import { defaultJsonLimits, type JsonLimits } from "../json/parse-strict-json.ts";
import type { Logger } from "../telemetry/logger.ts";
import { childSpan, newTrace } from "../telemetry/trace.ts";
import { acceptOnlyStrictJson } from "./content.ts";
import { answerWithProblems } from "./failures.ts";
import { strictValidation } from "./validation.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The caller's trace with a span of our own, or a new one. */
    trace: TraceContext;
    /** The verified SVID of the TLS peer. */
    peer: PeerSvid | undefined;
  }
}

export type HttpServerOptions = {
  readonly logger: Logger;
  /** Absent: plain HTTP, for loopback in tests only. */
  readonly tls?: { readonly svid: SvidSource; readonly clientCertificates: "required" | "optional" | "none" };
  readonly limits?: JsonLimits;
};

export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/**
 * An HTTP server as every process of ours has it: strict JSON in, RFC 9457 problems out, the caller's trace continued,
 * the TLS peer's SVID on the request, closed schemas. With `tls` it serves its own SVID (TLS 1.3) and takes renewed ones
 * without a restart. Expired peers are refused although their connection is still open.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { tls, logger } = options;
  const limits = options.limits ?? defaultJsonLimits;
  const server = fastify<RawServerDefault>({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.maxBytes,
    requestTimeout: 60_000,
    connectionTimeout: 0,
    // Longer than any path can be: the router's own answer is no problem document and repeats the path.
    routerOptions: { maxParamLength: 65_536 },
    genReqId: () => "",
    forceCloseConnections: "idle",
    serverFactory: (handler) => (tls ? tlsServer(tls, handler) : createHttp(handler)) as Server,
  });
  server.setValidatorCompiler(strictValidation());
  acceptOnlyStrictJson(server, limits);
  answerWithProblems(server);
  recognisePeers(server);
  return server.withTypeProvider<TypeBoxTypeProvider>();
}

type Handler = NonNullable<Parameters<typeof createHttp>[1]>;
type TlsSettings = NonNullable<HttpServerOptions["tls"]>;

function tlsServer({ svid, clientCertificates }: TlsSettings, handler: Handler): TlsServer {
  const server = createHttps(
    {
      ...secureContext(svid.current()),
      requestCert: clientCertificates !== "none",
      rejectUnauthorized: clientCertificates === "required",
      ALPNProtocols: ["http/1.1"],
      keepAliveTimeout: 75_000,
    },
    handler,
  );
  const stop = svid.onRenewed((renewed) => server.setSecureContext(secureContext(renewed)));
  server.once("close", stop);
  return server;
}

/** Session tickets are off: a resumed session would skip the check of the client's certificate. */
function secureContext(svid: Svid) {
  return {
    key: svid.keyPem,
    cert: svid.chainPem,
    ca: svid.bundlePem,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const;
}

function recognisePeers(server: FastifyInstance): void {
  server.decorateRequest("peer", undefined);
  server.decorateRequest("trace", null as unknown as TraceContext);
  server.addHook("onRequest", async (request) => {
    const given = parseTraceparent(first(request.headers.traceparent));
    request.trace = given ? childSpan(given) : newTrace();
    const { socket } = request.raw;
    request.peer = "getPeerX509Certificate" in socket ? peerSvid(socket as TLSSocket) : undefined;
    if (request.peer !== undefined && request.peer.expiresAt <= new Date()) {
      throw new VivifiedError("unauthenticated", { detail: "the certificate of this connection has expired" });
    }
  });
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
