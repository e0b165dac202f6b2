import { claimsAnother } from "../../peer/claims-another.ts";
import { identifyCaller } from "../../peer/identify-caller.ts";
import { afterEffect } from "../../pep/after-effect.ts";
import { enforce } from "../../pep/enforce.ts";
import type { Denial } from "../../pep/permit.ts";
import { recordOutcome } from "../../pep/record-outcome.ts";
import { refuse } from "../../pep/refuse.ts";
import type { LaneDeps } from "../lane-deps.ts";
import { acceptDestination } from "./accept-destination.ts";
import { type ForwardRequestDeps, forwardRequest } from "./forward-request.ts";
import type { IncomingRequest } from "./incoming-request.ts";
import { mayConnect, mayReturn } from "./questions.ts";
import { refusalOf } from "./refusal-of.ts";
import { type EgressReply, release, withhold } from "./reply.ts";
import { type ResolveAddressDeps, resolveAddress } from "./resolve-address.ts";
import type { TakeRateToken } from "./take-rate-token.ts";

export type EgressLaneDeps = LaneDeps &
  ResolveAddressDeps &
  ForwardRequestDeps & { readonly takeRateToken: TakeRateToken };

/**
 * One plugin reaches one service outside. Policy is asked twice: before anything leaves, and before the answer reaches
 * the caller. The name is resolved only after the destination was permitted, because name servers hear the question.
 *
 * @throws VivifiedError `unauthenticated` 401, `malformed` 400, `unsupported_media_type` 415, `invalid` 422,
 *   `upstream_failed` 502, `upstream_timeout` 504, `audit_unavailable`, `snapshot_stale`, `snapshot_missing` 503
 */
export async function egressLane(incoming: IncomingRequest, deps: EgressLaneDeps): Promise<EgressReply | Denial> {
  const snapshot = deps.snapshot();
  const caller = identifyCaller(incoming.peer, snapshot, deps.clock);
  const destination = acceptDestination(incoming.request);
  const about = refusalOf(caller, destination.target, incoming.traceId);
  if (caller.standing === "refused") return refuse(about(caller.rule), deps);
  if (claimsAnother(caller.plugin.id, incoming.headers, {})) return refuse(about("peer.claims_another"), deps);
  if ("unsupported" in destination) return refuse(about("egress.method"), deps);

  const connect = mayConnect(caller.plugin, destination, incoming.traceId);
  const permit = await enforce(connect, deps);
  if (permit.outcome === "denied") return permit;
  const parentId = permit.decision.id;
  const token = deps.takeRateToken(caller.plugin.id, snapshot.settings.egress_rate_limit);
  if (!token.taken) {
    const { retryAfterSeconds } = token;
    return refuse({ ...about("egress.rate_limited", parentId), retryAfterSeconds }, deps);
  }
  const grant = snapshot.grants.egress(caller.plugin.id, destination.target);
  const resolved = await resolveAddress(destination.target.host, grant, deps);
  if ("rule" in resolved) return refuse(about(resolved.rule, parentId), deps);

  const carriage = { address: resolved.address, grant, form: destination.form };
  const { status, payload } = await recordOutcome(permit, forwardRequest(permit, carriage, deps), deps);
  const judging = enforce(mayReturn(connect, { status, payload, parentId }), deps);
  const unjudgeable = { ...about("egress.unjudgeable_reply", parentId), entrypoint: "egress/reply" } as const;
  const shown = await afterEffect(judging, unjudgeable, deps);
  return shown.outcome === "denied" ? withhold(shown) : release(shown, permit.decision);
}
