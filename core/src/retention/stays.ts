import { type RawBuilder, sql } from "kysely";
import { held, outcomeHeld } from "./held.ts";
import { cameLately, isAwaited, type RetentionLimit } from "./limit.ts";

/** What core said of deletions: without it nobody could tell, years later, what was deleted from what somebody took away. */
const tellsOfDeletion = sql<boolean>`(d.lane = 'core' and d.rules @> array['audit.retention_applied'])`;

/** Whether the decision `d` stays although its time is over, as SQL. */
export const decisionStays = (limit: RetentionLimit): RawBuilder<boolean> =>
  sql<boolean>`(${cameLately("d", limit)} or ${isAwaited("d", limit)} or ${held} or ${tellsOfDeletion})`;

/** The same of the outcome `o`. */
export const outcomeStays = (limit: RetentionLimit): RawBuilder<boolean> =>
  sql<boolean>`(${cameLately("o", limit)} or ${isAwaited("o", limit)} or ${outcomeHeld})`;
