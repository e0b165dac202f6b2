import type { Evidence, Violation } from "../evidence/evidence.ts";
import { isAcked } from "../load/order.ts";

/**
 * I2: every publish that was acknowledged, and every user that exists, is one event in the store, which reached the
 * subscriber at least once, always under the same id.
 */
export function publishedIsDelivered({ orders, effects, events, kept }: Evidence): readonly Violation[] {
  const deliveries = Map.groupBy(
    effects.filter(({ sink }) => sink === "delivery"),
    ({ op }) => op,
  );
  const acked = orders.filter((order) => order.kind === "publish" && isAcked(order));
  const promised = new Set([...acked.map(({ op }) => op), ...kept.users.map(({ username }) => username)]);
  const lost = [...promised].filter((op) => !deliveries.has(op));
  const idsOf = (op: string) => [
    ...(deliveries.get(op) ?? []).map(({ eventId }) => eventId),
    ...acked.filter((order) => order.op === op).map(({ answer }) => answer?.body.event_id),
  ];
  const split = [...promised].filter((op) => new Set(idsOf(op)).size > 1);
  const stored = Map.groupBy(events, ({ eventId }) => eventId);
  const ackedIds = new Set(acked.map(({ answer }) => String(answer?.body.event_id)));
  return [
    ...lost.map((op) => violation("an acknowledged event was not delivered", op)),
    ...split.map((op) => violation("one event has several ids", op)),
    ...[...ackedIds].filter((id) => !stored.has(id)).map((id) => violation("an acknowledged event is not stored", id)),
    ...[...stored].filter(([, all]) => all.length > 1).map(([id]) => violation("an event is stored twice", id)),
  ];
}

const violation = (says: string, id: string): Violation => ({ invariant: "I2", says, ids: [id] });
