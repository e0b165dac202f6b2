import type { HttpServer } from "@vivified/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { sendDenial } from "../lanes/send-denial.ts";
import type { Denial } from "../pep/permit.ts";
import { type RefuseDeps, refuse } from "../pep/refuse.ts";
import type { CoreClient, CoreRequest } from "./core-client.ts";
import { type IdentifyDeps, identifyForCore } from "./identify-for-core.ts";

export type CoreRoutesDeps = IdentifyDeps & RefuseDeps & { readonly core: Pick<CoreClient, "send"> };

type Method = CoreRequest["method"];
type Target = { readonly route: string; readonly path: string };

const keyParams = Type.Object({ key: Type.String({ minLength: 1 }) });

/** What plugins may ask of core: passed through over mTLS with the caller's identity in a header that only we set. */
export function coreRoutes(server: HttpServer, deps: CoreRoutesDeps): void {
  for (const [method, route] of fixedRoutes) {
    server.route({
      method,
      url: route,
      handler: (request, reply) => passOn(request, reply, { route, path: route }, deps),
    });
  }
  const route = "/storage/kv/:key";
  server.route({
    method: ["GET", "PUT", "DELETE"],
    url: route,
    schema: { params: keyParams },
    handler: (request, reply) => {
      const path = `/storage/kv/${encodeURIComponent(request.params.key)}`;
      return passOn(request, reply, { route, path }, deps);
    },
  });
}

const fixedRoutes: readonly (readonly [Method, string])[] = [
  ["POST", "/plugins/register"],
  ["POST", "/plugins/heartbeat"],
  ["GET", "/plugins/self/config"],
  ["PUT", "/plugins/self/config"],
];

async function passOn(request: FastifyRequest, reply: FastifyReply, target: Target, deps: CoreRoutesDeps) {
  const { trace } = request;
  const caller = identifyForCore(request, target.route, deps);
  if ("rule" in caller) {
    const resource = `${request.method} ${target.route}`;
    const refusal = { ...caller, entrypoint: "admin/access", traceId: trace.traceId, resource } as const;
    const denial: Denial = await refuse(refusal, deps);
    return sendDenial(reply, denial, trace.traceId);
  }
  const method = methodOf(request);
  const body = request.body === undefined || method === "GET" ? {} : { body: JSON.stringify(request.body) };
  const asked = { method, path: target.path, caller: caller.spiffeId, trace, conditions: conditionsOf(request) };
  const answer = await deps.core.send({ ...asked, ...body });
  if (answer.contentType !== undefined) reply.type(answer.contentType);
  return reply.code(answer.status).send(answer.body);
}

/** Conditional requests (RFC 9110 §13.1) and idempotency: all that a plugin may say besides its body. */
const conditionNames = ["if-match", "if-none-match", "idempotency-key"] as const;

function conditionsOf({ headers }: FastifyRequest): Record<string, string> {
  const given = conditionNames.map((name) => [name, headers[name]] as const);
  return Object.fromEntries(
    given.filter((entry): entry is [(typeof entry)[0], string] => typeof entry[1] === "string"),
  );
}

function methodOf({ method }: FastifyRequest): Method {
  return method === "POST" || method === "PUT" || method === "DELETE" ? method : "GET";
}
