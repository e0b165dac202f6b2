import { type Decision, type DecisionRecord, type Role, roleTraits, verdictOf } from "@vivified/contracts";
import type { Pdp } from "@vivified/pdp";
import type { FastifyRequest } from "fastify";
import type { UserAccount } from "../identity/index.ts";

/** What policy says to somebody who uses a route, and the record of it. */
export type JudgedAccess = { readonly decision: Decision; readonly record: DecisionRecord };

/** Who, by the traits of their roles, may use the route of a request. @throws VivifiedError `policy_missing` 503 */
export async function judgeAccess(
  request: FastifyRequest,
  user: UserAccount,
  pdp: Pick<Pdp, "decide">,
): Promise<JudgedAccess> {
  const input = {
    subject: { id: user.id, traits: traitsOf(user.roles) },
    resource: { method: request.method, route: routeOf(request) },
  };
  const decision = await pdp.decide("admin/access", input);
  return { decision, record: accessRecord(request, decision, input) };
}

function traitsOf(roles: readonly Role[]): readonly string[] {
  return roles.flatMap((role) => roleTraits[role]);
}

/** `/admin/plugins/:id/approve` → `/admin/plugins/{id}/approve` */
const routeOf = (request: FastifyRequest): string => (request.routeOptions.url ?? "").replace(/:(\w+)/g, "{$1}");

/** What a path says beside its route, whatever the route calls it; 200 characters tell enough. */
function targetOf({ params }: FastifyRequest): string | undefined {
  const values = Object.values(params as { readonly [name: string]: string });
  return values.length === 0 ? undefined : values.join("/").slice(0, 200).toWellFormed();
}

/** What a request does, as records name it: method and route, never what stands in it. */
export const actionOf = (request: FastifyRequest): string => `${request.method} ${routeOf(request)}`;

type Input = {
  readonly subject: { id: string; traits: readonly string[] };
  readonly resource: { method: string; route: string };
};

function accessRecord(request: FastifyRequest, decision: Decision, input: Input): DecisionRecord {
  const { method, route } = input.resource;
  const target = targetOf(request);
  return {
    kind: "decision",
    decision_id: decision.id,
    timestamp: new Date().toISOString(),
    lane: "core",
    entrypoint: "admin/access",
    path: "vivified/admin/access/decision",
    revision: decision.revision,
    snapshot: 0,
    caller: input.subject.id,
    action: actionOf(request),
    resource: route,
    ...(target !== undefined && { target }),
    input: { subject: { id: input.subject.id, traits: [...input.subject.traits] }, resource: { method, route } },
    result: verdictOf(decision),
    ...(decision.nd_builtin_cache && { nd_builtin_cache: decision.nd_builtin_cache }),
    trace_id: request.trace.traceId,
    labels: {},
  };
}
