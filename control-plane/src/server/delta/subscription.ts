/**
 * What a client follows of one type. `legacy-wildcard`: it never named anything, so it means everything (only a first
 * request can begin this); `explicit-wildcard`: it asked for `*`, or named something while in legacy mode; `named`: its
 * names and nothing else, however few (xDS protocol, "How the client specifies what resources to return").
 */
export type Subscription = {
  readonly mode: "legacy-wildcard" | "explicit-wildcard" | "named";
  readonly names: ReadonlySet<string>;
};

export type SubscriptionChange = { readonly subscribe: readonly string[]; readonly unsubscribe: readonly string[] };

/** The subscription that a stream's first request of a type makes. `everything`: whether naming nothing means all. */
export function openSubscription(change: SubscriptionChange, everything: boolean): Subscription {
  const nothingNamed = change.subscribe.length === 0;
  const mode = nothingNamed && everything ? "legacy-wildcard" : "named";
  return changeSubscription({ mode, names: new Set() }, change);
}

/** "Server interprets this as continuing the existing subscription to *, but adding a new subscription" (delta). */
export function changeSubscription(before: Subscription, change: SubscriptionChange): Subscription {
  const names = new Set(before.names);
  for (const name of change.subscribe) if (name !== "*") names.add(name);
  for (const name of change.unsubscribe) names.delete(name);
  return { mode: nextMode(before, change), names };
}

function nextMode({ mode }: Subscription, { subscribe, unsubscribe }: SubscriptionChange): Subscription["mode"] {
  if (unsubscribe.includes("*")) return "named";
  if (subscribe.includes("*")) return "explicit-wildcard";
  return mode === "legacy-wildcard" && subscribe.length > 0 ? "explicit-wildcard" : mode;
}

export function isWildcard({ mode }: Subscription): boolean {
  return mode !== "named";
}

export function follows(subscription: Subscription, name: string): boolean {
  return isWildcard(subscription) || subscription.names.has(name);
}

/**
 * Names that must be answered although nothing changed: whatever was just named ("the client may have forgotten"), and,
 * while a wildcard is active, whatever was dropped, since the wildcard may still cover it.
 */
export function owedAnswers(after: Subscription, { subscribe, unsubscribe }: SubscriptionChange): readonly string[] {
  const dropped = isWildcard(after) ? unsubscribe : [];
  return [...subscribe, ...dropped].filter((name) => name !== "*" && follows(after, name));
}
