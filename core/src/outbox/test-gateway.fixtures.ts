import type { PublishRequest } from "@vivified/contracts";
import { createHttpServer, createLogger } from "@vivified/runtime";
import { heldSvid, type TestAuthority } from "@vivified/runtime/fixtures";

export type Received = {
  readonly key: string;
  readonly traceparent: string;
  readonly peer: string | undefined;
  readonly request: PublishRequest;
};

/** A publish lane that only notes what arrives; `answer` says what happens then. */
export type TestGateway = AsyncDisposable & {
  readonly received: Received[];
  answer: () => Promise<{ readonly status: number; readonly body: unknown }>;
};

export const accepted = async () => ({ status: 200, body: { event_id: "e" } });

export async function startTestGateway(authority: TestAuthority, port: number, as = "gateway"): Promise<TestGateway> {
  const svid = heldSvid(await authority.issue(`spiffe://vivified.local/${as}`));
  const logger = createLogger({ process: "test", level: "silent" });
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  const gateway: TestGateway = {
    received: [],
    answer: accepted,
    [Symbol.asyncDispose]: async () => {
      server.server.closeAllConnections();
      await server.close();
    },
  };
  server.post("/events/publish", async (request, reply) => {
    const { "idempotency-key": key, traceparent } = request.headers;
    const body = request.body as PublishRequest;
    gateway.received.push({
      key: String(key),
      traceparent: String(traceparent),
      peer: request.peer?.id,
      request: body,
    });
    const { status, body: answer } = await gateway.answer();
    return reply.code(status).send(answer);
  });
  await server.listen({ host: "127.0.0.1", port });
  return gateway;
}
