import { type RawBuilder, sql } from "kysely";

/** Whether the hold `h` covers the decision `d`, as SQL. */
export const covers: RawBuilder<boolean> = sql<boolean>`(h.lifted_at is null
    and (h.since is null or d.occurred_at >= h.since) and (h.until is null or d.occurred_at < h.until)
    and (h.caller is null or h.caller = d.caller) and (h.target is null or h.target = d.target))`;

/** Whether any hold does. */
export const held: RawBuilder<boolean> = sql<boolean>`exists (select from audit_holds as h where ${covers})`;

/**
 * Whether a hold covers the decision of the outcome `o`. The times keep other months out of the search; an id that does not
 * tell its time (see `decidedAt`), or tells another than the outcome's, is looked for in all of them.
 */
export const outcomeHeld: RawBuilder<boolean> = sql<boolean>`exists (
  select from decisions as d
  where d.decision_id = o.decision_id
    and (d.occurred_at between o.decided_at - interval '1 day' and o.decided_at + interval '1 day'
      or o.occurred_at not between o.decided_at - interval '1 day' and o.decided_at + interval '1 day')
    and ${held})`;
