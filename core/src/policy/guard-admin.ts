import {
  type Decision,
  type DecisionRecord,
  type Role,
  roleTraits,
  type TraceContext,
  verdictOf,
} from "@vivified/contracts";
import type { Pdp } from "@vivified/pdp";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import type { UserAccount } from "../identity/index.ts";
import type { Stores } from "../stores.ts";
import { type AuthenticateDeps, authenticate } from "./authenticate.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on `/admin` routes once policy let the request in. */
    requester: Requester | undefined;
  }
}

/** On whose behalf core acts: what every record of a change names. */
export type Requester = { readonly caller: string; readonly trace: TraceContext; readonly parentId?: string };

export type GuardAdminDeps = AuthenticateDeps & {
  readonly pdp: Pick<Pdp, "decide">;
  readonly stores: Pick<Stores, "users" | "decisions">;
};

/**
 * Every `/admin` route asks policy before anything of the request is read further: who, by the traits of their roles, may
 * use which route. The decision is recorded before it takes effect, denials included.
 *
 * @throws VivifiedError `unauthenticated` 401, `denied` 403 with the reasons
 */
export function guardAdmin(server: HttpServer, deps: GuardAdminDeps): void {
  server.decorateRequest("requester", undefined);
  server.addHook("onRequest", async (request) => {
    const route = request.routeOptions.url;
    if (route === undefined || !/^\/admin(\/|$)/.test(route)) return;
    const user = await authenticate(request, deps);
    const decision = await decideAccess(request, user, deps);
    if (decision.effect === "deny") throw denial(decision);
    request.requester = { caller: user.id, trace: request.trace, parentId: decision.id };
  });
}

/** The requester of an `/admin` request. */
export function requesterOf(request: FastifyRequest): Requester {
  if (request.requester === undefined) throw new Error(`${request.url} was not guarded`);
  return request.requester;
}

async function decideAccess(request: FastifyRequest, user: UserAccount, deps: GuardAdminDeps): Promise<Decision> {
  const input = {
    subject: { id: user.id, traits: traitsOf(user.roles) },
    resource: { method: request.method, route: routeOf(request) },
  };
  const decision = await deps.pdp.decide("admin/access", input);
  await deps.stores.decisions.append([accessRecord(request, decision, input)]);
  return decision;
}

function traitsOf(roles: readonly Role[]): readonly string[] {
  return roles.flatMap((role) => roleTraits[role]);
}

/** `/admin/plugins/:id/approve` → `/admin/plugins/{id}/approve` */
const routeOf = (request: FastifyRequest): string => (request.routeOptions.url ?? "").replace(/:(\w+)/g, "{$1}");

type Input = {
  readonly subject: { id: string; traits: readonly string[] };
  readonly resource: { method: string; route: string };
};

function accessRecord(request: FastifyRequest, decision: Decision, input: Input): DecisionRecord {
  const { method, route } = input.resource;
  const { id } = request.params as { id?: string };
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
    action: `${method} ${route}`,
    resource: route,
    ...(id !== undefined && { target: id.slice(0, 200) }),
    input: { subject: { id: input.subject.id, traits: [...input.subject.traits] }, resource: { method, route } },
    result: verdictOf(decision),
    ...(decision.nd_builtin_cache && { nd_builtin_cache: decision.nd_builtin_cache }),
    trace_id: request.trace.traceId,
    labels: {},
  };
}

function denial(decision: Decision): VivifiedError {
  return new VivifiedError("denied", { extra: { decision_id: decision.id, reasons: decision.reasons } });
}
