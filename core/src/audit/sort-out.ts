import { processOf } from "@vivified/runtime";
import type { PlacedDecision, PlacedOutcome, PlacedRecord } from "./block-store.ts";
import { isDecision, isOutcome } from "./parse-block.ts";
import { storableText } from "./storable-text.ts";

/**
 * Which process made decisions, by id. One that is there and of whose maker nothing is known any more has none: its id is
 * taken, and nobody speaks for it.
 */
export type Makers = ReadonlyMap<string, string | undefined>;

export type SortedOut = {
  /** New ones, each id once. */
  readonly decisions: readonly PlacedDecision[];
  /** What the makers of decisions tell of them. */
  readonly outcomes: readonly PlacedOutcome[];
  /** Log indexes of outcomes that tell of a decision that their writer did not make before. */
  readonly foreign: ReadonlySet<number>;
  /** Log indexes of decisions that get no row, and whose ids are their writers' all the same. */
  readonly claims: ReadonlySet<number>;
};

/**
 * What of a batch counts, in the order of the log. Only the process that made a decision says what became of it, in a
 * block that can be believed, and behind the decision: nothing is released before its decision is stored. Otherwise
 * whoever may write a block could say of another's permit that nothing was done.
 *
 * @param makers Which process made the decisions that are kept already, by id.
 */
export function sortOut(records: readonly PlacedRecord[], makers: Makers): SortedOut {
  const known = new Map(makers);
  const [decisions, outcomes] = [[] as PlacedDecision[], [] as PlacedOutcome[]];
  const [foreign, claims] = [new Set<number>(), new Set<number>()];
  for (const one of records) {
    const id = storableText(one.record.decision_id);
    if (isPlacedOutcome(one)) {
      if (!one.storable) continue;
      if (tellsOfItsOwn(one, known.get(id))) outcomes.push(one);
      else foreign.add(one.logIndex);
    } else if (isPlacedDecision(one) && !known.has(id)) {
      known.set(id, processOf(one.subjectWriter));
      if (one.storable) decisions.push(one);
      else claims.add(one.logIndex);
    }
  }
  return { decisions, outcomes, foreign, claims };
}

const tellsOfItsOwn = ({ writer }: PlacedRecord, maker: string | undefined): boolean =>
  writer !== undefined && maker !== undefined && processOf(writer) === maker;

const isPlacedOutcome = (one: PlacedRecord): one is PlacedOutcome => isOutcome(one.record);
const isPlacedDecision = (one: PlacedRecord): one is PlacedDecision => isDecision(one.record);
