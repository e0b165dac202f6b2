import type { Evidence, Violation } from "../evidence/evidence.ts";
import { isAcked } from "../load/order.ts";

/** I3: nothing that policy forbids was answered with yes or reached a sink. */
export function deniedIsNotDone({ orders, effects }: Evidence): readonly Violation[] {
  const forbidden = new Set(orders.filter((order) => order.forbidden).map(({ op }) => op));
  const done = effects.filter(({ sink, op }) => sink === "never" || forbidden.has(op));
  const granted = orders.filter((order) => order.forbidden && isAcked(order));
  return [
    ...done.map(({ sink, op }) => violation(`something forbidden reached ${sink}`, op)),
    ...granted.map(({ op }) => violation("something forbidden was answered with yes", op)),
  ];
}

const violation = (says: string, id: string): Violation => ({ invariant: "I3", says, ids: [id] });
