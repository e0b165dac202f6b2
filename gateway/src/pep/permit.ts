import type { Decision, Entrypoint, ErrorCode, JsonObject, Problem } from "@vivified/contracts";
import type { Question } from "./question.ts";

declare const minted: unique symbol;

/**
 * Leave to do one thing once: who, what, and the payload as policy left it. Effects take a permit and nothing else, so
 * an effect that was not decided, or that sends something other than what was decided, does not compile.
 */
export type Permit<E extends Entrypoint> = {
  readonly outcome: "permitted";
  readonly decision: Decision;
  readonly [minted]: E;
};

/** A denial is an answer, not a failure: lanes return it as a value. `code` says how it is told to the caller. */
export type Denial = {
  readonly outcome: "denied";
  readonly decision: Decision;
  readonly code: ErrorCode;
  readonly retryAfterSeconds?: number;
  /** Set when something took place all the same (`reply_withheld`). */
  readonly executed?: true;
  readonly violations?: Problem["violations"];
};

export type Granted<E extends Entrypoint> = Pick<Question<E>, "subject" | "resource" | "traceId"> & {
  readonly payload: JsonObject;
};

const unspent = new WeakMap<object, Granted<Entrypoint>>();

/** Only `enforce` calls this; the architecture test holds it. */
export function mint<E extends Entrypoint>(decision: Decision, granted: Granted<E>): Permit<E> {
  const permit = Object.freeze({ outcome: "permitted", decision }) as Permit<E>;
  unspent.set(permit, granted);
  return permit;
}

/** What a permit allows, exactly once. @throws Error when it was spent before: a bug, never a caller's mistake. */
export function spend<E extends Entrypoint>(permit: Permit<E>): Granted<E> {
  const granted = unspent.get(permit);
  if (granted === undefined) throw new Error(`permit ${permit.decision.id} was spent before`);
  unspent.delete(permit);
  return granted as Granted<E>;
}
