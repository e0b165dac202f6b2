import type { Decision, Entrypoint, JsonObject } from "@vivified/contracts";
import type { EgressTarget } from "../snapshot/grants.ts";
import type { Operation, Party, Plugin } from "../snapshot/snapshot.ts";

/** What each entrypoint's question is about. */
export type Resources = {
  /** `traits`: what the publisher says the event carries; what its schema and fields say is added. */
  "events/publish": EventResource;
  /** `subject` is the publisher, `subscriber` would receive. */
  "events/deliver": EventResource & { readonly subscriber: Plugin };
  "rpc/invoke": { readonly target: Plugin; readonly operation: Operation };
  "rpc/reply": { readonly target: Plugin; readonly operation: Operation };
  "egress/connect": EgressTarget;
  "egress/reply": EgressTarget & { readonly status: number };
};

export type EventResource = {
  readonly eventType: string;
  readonly schema?: JsonObject;
  readonly traits: readonly string[];
};

/**
 * Somebody wants to do something. Policy never sees the payload: it sees its fields (path, type, traits) and the
 * attributes that a schema exposes, which is also exactly what the record keeps, so every decision can be replayed.
 */
export type Question<E extends Entrypoint> = {
  readonly entrypoint: E;
  readonly traceId: string;
  readonly subject: Party;
  readonly resource: Resources[E];
  readonly payload: JsonObject;
  /** The decision that this one follows: a reply's invoke, a delivery's publish. */
  readonly parentId?: string;
};

/** The same, of any entrypoint, told apart by `entrypoint`. */
export type AnyQuestion = { readonly [E in Entrypoint]: Question<E> }[Entrypoint];

/** What came of a question: the decision, exactly what policy saw, and the snapshot it was looked up in. */
export type Judgement = {
  readonly decision: Decision;
  /** What policy said, when the decision is a denial because that could not be applied. */
  readonly overruled?: Decision;
  readonly input: JsonObject;
  readonly snapshot: number;
  /** The caller may not know what it asked about, so its payload was not looked at. */
  readonly concealed?: true;
};
