import type { Decision, TraceContext } from "@vivified/contracts";
import type { Pdp } from "@vivified/pdp";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import type { BoundedRecords } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import { type AuthenticateDeps, authenticate } from "./authenticate.ts";
import { judgeAccess } from "./judge-access.ts";
import { type LoginStill, mayStill } from "./may-still.ts";
import { recordFailures } from "./record-failures.ts";
import { refuseStranger } from "./refuse-stranger.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set on `/admin` routes once policy let the request in. */
    requester: Requester | undefined;
    /** Set with it: whether they may still, for an answer that goes on for long. */
    mayStill: ((login: LoginStill) => Promise<boolean>) | undefined;
  }
}

/** On whose behalf core acts: what every record of a change names. */
export type Requester = { readonly caller: string; readonly trace: TraceContext; readonly parentId?: string };

export type GuardAdminDeps = AuthenticateDeps & {
  readonly pdp: Pick<Pdp, "decide">;
  readonly stores: Pick<Stores, "users" | "decisions">;
  readonly recordBounded: BoundedRecords;
};

/**
 * Every `/admin` route asks policy before anything of the request is read further: who, by the traits of their roles, may
 * use which route. The decision is recorded before it takes effect, denials included, and so is that nothing came of it. Who
 * shows no valid token is refused before policy is asked; of that, as much is recorded as a minute has room for.
 *
 * @throws VivifiedError `unauthenticated` 401, `denied` 403 with the reasons
 */
export function guardAdmin(server: HttpServer, deps: GuardAdminDeps): void {
  server.decorateRequest("requester", undefined);
  server.decorateRequest("mayStill", undefined);
  server.addHook("onRequest", async (request) => {
    const route = request.routeOptions.url;
    if (route === undefined || !/^\/admin(\/|$)/.test(route)) return;
    const user = await authenticate(request, deps).catch((error: unknown) =>
      refuseStranger(error, request, deps.recordBounded),
    );
    const { decision, record } = await judgeAccess(request, user, deps.pdp);
    await deps.stores.decisions.append([record]);
    if (decision.effect === "deny") throw denial(decision);
    request.requester = { caller: user.id, trace: request.trace, parentId: decision.id };
    request.mayStill = (login) => mayStill(request, login, deps);
  });
  recordFailures(server, deps.stores);
}

/** The requester of an `/admin` request. */
export function requesterOf(request: FastifyRequest): Requester {
  if (request.requester === undefined) throw new Error(`${request.url} was not guarded`);
  return request.requester;
}

function denial(decision: Decision): VivifiedError {
  return new VivifiedError("denied", { extra: { decision_id: decision.id, reasons: decision.reasons } });
}
