import type { PeerSvid } from "@vivified/runtime";
import { claimsAnother } from "../../peer/claims-another.ts";
import { identifyCaller } from "../../peer/identify-caller.ts";
import { afterEffect } from "../../pep/after-effect.ts";
import { enforce } from "../../pep/enforce.ts";
import type { Denial } from "../../pep/permit.ts";
import { recordOutcome } from "../../pep/record-outcome.ts";
import { refuse } from "../../pep/refuse.ts";
import type { LaneDeps } from "../lane-deps.ts";
import { acceptCall, type IncomingCall } from "./accept-call.ts";
import { type ForwardCallDeps, forwardCall } from "./forward-call.ts";
import { obstacleOf } from "./obstacle-of.ts";
import { mayInvoke, mayRelease } from "./questions.ts";
import { refusalOf } from "./refusal-of.ts";
import { conceal, type RpcReply, release, withhold } from "./reply.ts";
import { resolveTarget } from "./resolve-target.ts";

export type RpcLaneDeps = LaneDeps & ForwardCallDeps;

/**
 * One plugin calls a declared operation of another. Policy is asked twice: before the call reaches the target, and
 * before the reply reaches the caller.
 *
 * @throws VivifiedError `unauthenticated` 401, `malformed` 400, `invalid` 422, `target_failed` 502, `target_timeout`
 *   504, `audit_unavailable`, `snapshot_stale`, `snapshot_missing` 503
 */
export async function rpcLane(
  peer: PeerSvid | undefined,
  incoming: IncomingCall,
  deps: RpcLaneDeps,
): Promise<RpcReply | Denial> {
  const snapshot = deps.snapshot();
  const caller = identifyCaller(peer, snapshot, deps.clock);
  const call = acceptCall(incoming);
  const refusal = refusalOf(caller, call);
  if (caller.standing === "refused") return refuse(refusal.before(caller.rule), deps);
  if (claimsAnother(caller.plugin.id, incoming.headers, call.payload)) {
    return refuse(refusal.before("peer.claims_another"), deps);
  }
  const target = resolveTarget(call, snapshot);
  if (target === undefined) return refuse(refusal.before("rpc.unknown_operation"), deps);

  const invoke = mayInvoke(caller.plugin, target, call);
  const permit = await enforce(invoke, deps);
  if (permit.outcome === "denied") return conceal(permit, invoke, snapshot);
  const { decision } = permit;
  const obstacle = obstacleOf(call, target, deps);
  if (obstacle !== undefined) return refuse(refusal.after(decision, obstacle), deps);
  const reply = await recordOutcome(permit, forwardCall(permit, deps), deps);

  const judging = enforce(mayRelease(invoke, reply.payload, decision.id), deps);
  const shown = await afterEffect(judging, refusal.ofReply(decision), deps);
  return shown.outcome === "denied" ? withhold(shown) : release(shown, { decision, status: reply.status });
}
