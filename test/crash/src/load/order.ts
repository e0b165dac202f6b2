import { randomBytes } from "node:crypto";

/** What the harness asks of the platform, one kind for each way in. */
export const orderKinds = ["rpc", "publish", "http", "mail", "settings", "login", "user"] as const;
export type OrderKind = (typeof orderKinds)[number];

/** The status is 0 when no answer came. */
export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/**
 * One request. Repeated publishes share their `op`, which is also their idempotency key; everything else is asked once,
 * because asking again could do it twice.
 */
export type Order = {
  readonly op: string;
  readonly kind: OrderKind;
  /** Policy says no to it, whatever dies. */
  readonly forbidden: boolean;
  readonly traceId: string;
  readonly sentMs: number;
  answer?: Answer;
};

export function newOrder(kind: OrderKind, op: string, forbidden = false): Order {
  return { op, kind, forbidden, traceId: randomBytes(16).toString("hex"), sentMs: Date.now() };
}

export const traceparentOf = ({ traceId }: Order): string => `00-${traceId}-${randomBytes(8).toString("hex")}-01`;

/** The platform said that it was done. */
export const isAcked = ({ answer }: Order): boolean =>
  answer !== undefined && answer.status >= 200 && answer.status < 300;
