import type { Db } from "../../database/open-database.ts";

/** The first place of the log that some receiver has not got, and which one; beyond all places when nobody waits. */
export type PushedTo = { readonly place: number; readonly receiver?: string };

/**
 * How far every one of these receivers has got the log. One that nothing was pushed to yet waits for all of it; one that is
 * not named waits for nothing, although its position is still there.
 */
export async function pushedTo(db: Db, receivers: readonly string[]): Promise<PushedTo> {
  const rows = await db.selectFrom("audit_push_positions").select(["receiver", "next_index"]).execute();
  const known = new Map(rows.map(({ receiver, next_index }) => [receiver, Number(next_index)]));
  const places = receivers.map((receiver) => ({ receiver, place: known.get(receiver) ?? 0 }));
  return places.reduce<PushedTo>((least, one) => (one.place < least.place ? one : least), {
    place: Number.MAX_SAFE_INTEGER,
  });
}
