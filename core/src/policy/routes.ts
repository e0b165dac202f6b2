import {
  PolicyActivation,
  PolicyOverview,
  PublishPolicyRequest,
  RollbackPolicyRequest,
  ShadowPolicyRequest,
  ShadowReport,
} from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { bundleRoutes } from "./bundle-routes.ts";
import { approveRequest, rejectRequest } from "./decide-request.ts";
import { requesterOf } from "./guard-admin.ts";
import { mergeShadowReports } from "./merge-shadow-reports.ts";
import type { PolicyChangeDeps } from "./policy-changes.ts";
import { type PolicyOverviewDeps, policyOverview } from "./policy-overview.ts";
import { recordRefusals } from "./record-refusals.ts";
import { requestActivation } from "./request-activation.ts";
import { rollBack } from "./roll-back.ts";
import { startShadow, stopShadow } from "./shadow-policy.ts";

export type PolicyRoutesDeps = PolicyChangeDeps & PolicyOverviewDeps;

const tags = ["policy"];
const changed = { tags, response: { 200: PolicyActivation, 202: PolicyActivation } };
const id = Type.Object({ id: Type.String({ pattern: "^[1-9][0-9]{0,14}$" }) });

/** What security teams do with policies: look, publish, approve, roll back, rehearse. */
export function policyRoutes(server: HttpServer, deps: PolicyRoutesDeps): void {
  server.get("/admin/policies", { schema: { tags, response: { 200: PolicyOverview } } }, () => policyOverview(deps));
  bundleRoutes(server, deps);
  publicationRoutes(server, deps);
  shadowRoutes(server, deps);
}

function publicationRoutes(server: HttpServer, deps: PolicyRoutesDeps): void {
  const publish = { schema: { ...changed, body: PublishPolicyRequest } };
  server.post("/admin/policies/publish", publish, async (request, reply) => {
    const work = () => requestActivation({ kind: "publish", ...request.body }, requesterOf(request), deps);
    return answer(reply, await recorded("publish policy", request, { ...deps, work }));
  });
  const rollback = { schema: { ...changed, body: RollbackPolicyRequest } };
  server.post("/admin/policies/rollback", rollback, async (request, reply) => {
    const work = () => rollBack(request.body, requesterOf(request), deps);
    return answer(reply, await recorded("roll back policy", request, { ...deps, work }));
  });
  const decided = { schema: { tags, params: id, response: { 200: PolicyActivation } } };
  server.post("/admin/policies/activations/:id/approve", decided, (request) => {
    const work = () => approveRequest(Number(request.params.id), requesterOf(request), deps);
    return recorded("approve policy", request, { ...deps, work });
  });
  server.post("/admin/policies/activations/:id/reject", decided, (request) => {
    const work = () => rejectRequest(Number(request.params.id), requesterOf(request), deps);
    return recorded("reject policy", request, { ...deps, work });
  });
}

function shadowRoutes(server: HttpServer, deps: PolicyRoutesDeps): void {
  const path = "/admin/policies/shadow";
  const started = { schema: { tags, body: ShadowPolicyRequest, response: { 200: ShadowReport } } };
  server.put(path, started, async (request) => {
    const work = () => startShadow(request.body.revision, requesterOf(request), deps);
    await recorded("shadow policy", request, { ...deps, work });
    return shadowReport(deps);
  });
  server.delete(path, { schema: { tags, response: { 204: Type.Null() } } }, async (request, reply) => {
    const work = () => stopShadow(requesterOf(request), deps);
    await recorded("end shadow", request, { ...deps, work });
    return reply.code(204).send(null);
  });
  server.get(path, { schema: { tags, response: { 200: ShadowReport } } }, () => shadowReport(deps));
}

type Recorded<T> = PolicyRoutesDeps & { readonly work: () => Promise<T> };

function recorded<T>(action: string, request: FastifyRequest, deps: Recorded<T>): Promise<T> {
  return recordRefusals(action, requesterOf(request), deps);
}

/** 202 for what waits for a second person. */
function answer(reply: FastifyReply, activation: PolicyActivation): FastifyReply {
  return reply.code(activation.state === "pending" ? 202 : 200).send(activation);
}

async function shadowReport({ stores, gateways }: PolicyRoutesDeps): Promise<ShadowReport> {
  const revision = await stores.policies.shadow();
  if (revision === undefined) throw new VivifiedError("not_found", { detail: "no candidate judges live traffic" });
  return mergeShadowReports(
    revision,
    gateways().flatMap(({ shadow }) => (shadow === undefined ? [] : [shadow])),
  );
}
