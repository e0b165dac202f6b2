import {
  changeSubscription,
  follows,
  owedAnswers,
  type Subscription,
  type SubscriptionChange,
} from "./subscription.ts";

/** Content hash of a resource. */
export type Version = string;
/** Stands where a version would, for a resource that is to go. */
export const gone = "gone";

/** One type on one stream. */
export type TypeState = {
  readonly subscription: Subscription;
  /** What the client certainly has: committed on ACK, never on send. */
  readonly known: ReadonlyMap<string, Version>;
  /** The response that waits for its ACK; there is at most one. */
  readonly pending?: { readonly nonce: string; readonly changes: ReadonlyMap<string, Version> };
  /** What the client refused. The same version is never sent to it again. */
  readonly rejected: ReadonlyMap<string, Version>;
  /** Names to answer even if nothing changed. */
  readonly owed: ReadonlySet<string>;
  /** Whether the type has had an answer at all; the first request always gets one, if an empty one. */
  readonly answered: boolean;
};

export function changeType(before: TypeState, change: SubscriptionChange): TypeState {
  const subscription = changeSubscription(before.subscription, change);
  const owed = new Set([...before.owed, ...owedAnswers(subscription, change)]);
  const wanted = ([name]: readonly [string, ...unknown[]]) => follows(subscription, name);
  return {
    ...before,
    subscription,
    owed: new Set([...owed].filter((name) => wanted([name]))),
    known: new Map([...before.known].filter(wanted)),
    rejected: new Map([...before.rejected].filter(wanted)),
  };
}

/** The client has taken the pending response. */
export function commit({ pending, ...type }: TypeState): TypeState {
  const known = new Map(type.known);
  const rejected = new Map(type.rejected);
  for (const [name, version] of pending?.changes ?? []) {
    rejected.delete(name);
    if (version === gone || !follows(type.subscription, name)) known.delete(name);
    else known.set(name, version);
  }
  return { ...type, known, rejected };
}

/** The client has refused the pending response: it keeps what it had. */
export function reject({ pending, ...type }: TypeState): TypeState {
  return { ...type, rejected: new Map([...type.rejected, ...(pending?.changes ?? [])]) };
}
