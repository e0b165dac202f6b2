import { type TypeUrl, typeUrls } from "../../resources/envoy-object.ts";
import { nextResponse } from "./next-response.ts";
import { type DeltaRequest, type Input, type Output, type Step, type StreamState, withType } from "./stream-state.ts";
import { follows, openSubscription, owedAnswers } from "./subscription.ts";
import { changeType, commit, reject, type TypeState } from "./type-state.ts";

/**
 * The incremental xDS protocol of one stream as a pure function: what came in, what goes out, what is then known. No
 * clock, no socket, no gRPC.
 */
export function step(state: StreamState, input: Input): Step {
  const { state: received, outputs } =
    input.kind === "target" ? { state: { ...state, target: input.target }, outputs: [] } : receive(state, input);
  const { state: next, outputs: sent } = nextResponse(received);
  return { state: next, outputs: [...outputs, ...sent] };
}

/** The nonce pairs an answer with its response and nothing more: subscriptions change even when it is stale. */
function receive(state: StreamState, request: DeltaRequest & { readonly type: TypeUrl }): Step {
  const before = state.types.get(request.type);
  if (before === undefined) return { state: withType(state, request.type, open(request)), outputs: [] };
  const { type, outputs } = settle(before, request);
  return { state: withType(state, request.type, changeType(type, request)), outputs };
}

/** Only clusters and listeners have a legacy wildcard. */
function open(request: DeltaRequest & { readonly type: TypeUrl }): TypeState {
  const everything = request.type === typeUrls.cluster || request.type === typeUrls.listener;
  const subscription = openSubscription(request, everything);
  const known = [...request.initialVersions].filter(([name]) => follows(subscription, name));
  const owed = new Set(owedAnswers(subscription, request));
  return { subscription, known: new Map(known), rejected: new Map(), owed, answered: false };
}

function settle(
  type: TypeState,
  request: DeltaRequest & { readonly type: TypeUrl },
): { type: TypeState; outputs: readonly Output[] } {
  if (request.nonce === "") return { type, outputs: [] };
  if (type.pending?.nonce !== request.nonce) return { type, outputs: [{ kind: "stale", type: request.type }] };
  const about = { type: request.type, names: [...type.pending.changes.keys()] };
  if (request.error === undefined) return { type: commit(type), outputs: [{ kind: "ack", ...about }] };
  return { type: reject(type), outputs: [{ kind: "nack", ...about, error: request.error }] };
}
