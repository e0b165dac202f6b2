import { type TypeUrl, typeUrls } from "../../resources/envoy-object.ts";
import { type Step, type StreamState, type VersionedResource, withType } from "./stream-state.ts";
import { isWildcard } from "./subscription.ts";
import { gone, type TypeState } from "./type-state.ts";

type Change = { readonly resources: readonly VersionedResource[]; readonly removed: readonly string[] };
type Named = ReadonlyMap<string, VersionedResource>;

/** Make before break: what is referred to comes before what refers to it, and goes after it. */
const steps: readonly { readonly type: TypeUrl; readonly change: typeof updates }[] = [
  { type: typeUrls.cluster, change: updates },
  { type: typeUrls.endpoints, change: updates },
  { type: typeUrls.listener, change: updates },
  { type: typeUrls.routes, change: updates },
  { type: typeUrls.listener, change: removals },
  { type: typeUrls.routes, change: removals },
  { type: typeUrls.endpoints, change: removals },
  { type: typeUrls.cluster, change: removals },
];

/**
 * The one response that is due, if any: one at a time, so every step waits for the ACK of the one before. A refused
 * resource ends the revision for this node, since what comes later may rest on it.
 */
export function nextResponse(state: StreamState): Step {
  if ([...state.types.values()].some(({ pending }) => pending !== undefined)) return { state, outputs: [] };
  for (const { type, change } of steps) {
    const current = state.types.get(type);
    if (current === undefined) continue;
    const target = state.target.get(type) ?? new Map();
    if (isRefused(current, target, change)) break;
    const due = change(current, target);
    if (due.resources.length + due.removed.length > 0 || !current.answered) return respond(state, type, due);
  }
  return { state, outputs: [] };
}

function updates(type: TypeState, target: Named): Change {
  const candidates = isWildcard(type.subscription) ? target.keys() : type.subscription.names.keys();
  const resources = [...candidates]
    .map((name) => target.get(name))
    .filter((resource) => resource !== undefined)
    .filter(({ name, version }) => type.owed.has(name) || type.known.get(name) !== version);
  const removed = [...type.owed].filter((name) => !target.has(name) && !type.known.has(name));
  return { resources, removed };
}

function removals(type: TypeState, target: Named): Change {
  return { resources: [], removed: [...type.known.keys()].filter((name) => !target.has(name)) };
}

/**
 * Whether the client has refused something exactly as it still is to be. A refused removal counts while there is
 * something to remove, and holds up nothing but removals.
 */
function isRefused(type: TypeState, target: Named, change: typeof updates): boolean {
  return [...type.rejected].some(([name, version]) => {
    const wanted = target.get(name)?.version;
    if (wanted !== undefined) return version === wanted;
    return change === removals && version === gone && type.known.has(name);
  });
}

function respond(state: StreamState, url: TypeUrl, { resources, removed }: Change): Step {
  const sent = state.sent + 1;
  const nonce = String(sent);
  const type = state.types.get(url);
  if (type === undefined) return { state, outputs: [] };
  const changes = new Map([
    ...resources.map(({ name, version }): [string, string] => [name, version]),
    ...removed.map((name): [string, string] => [name, gone]),
  ]);
  const owed = new Set([...type.owed].filter((name) => !changes.has(name)));
  const next: TypeState = { ...type, owed, answered: true, pending: { nonce, changes } };
  const response = { kind: "response", type: url, nonce, resources, removed } as const;
  return { state: { ...withType(state, url, next), sent }, outputs: [response] };
}
