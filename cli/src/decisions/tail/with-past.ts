import type { DecisionRow } from "@vivified/contracts";
import type { Followed } from "./parse-followed.ts";

/**
 * Decisions of the past, then those that are followed, each once. The past is asked for when it is sure from where the log is
 * followed: what is not in the one is then in the other, and what is in both is left out the second time.
 */
export async function* withPast(
  followed: AsyncIterable<Followed>,
  past: () => Promise<readonly DecisionRow[]>,
): AsyncGenerator<DecisionRow> {
  let shown: Set<string> | undefined;
  for await (const { row } of followed) {
    if (shown === undefined) {
      const rows = await past();
      shown = new Set(rows.map(({ decision_id }) => decision_id));
      yield* rows;
    }
    if (row !== undefined && !shown.delete(row.decision_id)) yield row;
  }
}
