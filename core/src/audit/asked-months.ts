import type { AuditRecord } from "@vivified/contracts";
import { decidedAt } from "./decided-at.ts";
import { storableText } from "./storable-text.ts";

/** A span of time, or all around it, and the ids of decisions that may be kept there. */
export type AskedMonth = {
  readonly ids: readonly string[];
  readonly from: Date;
  readonly till: Date;
  readonly outside?: true;
};

const dayMs = 24 * 60 * 60 * 1000;
/** Retention and months made ahead leave no more (see `monthsOf`). */
const [monthsBack, monthsAhead] = [84, 2];
const elsewhere = -1;

/**
 * Where to look for the decisions that records are or tell of: in the months (UTC) about the times that each record and
 * its id say, a day to either side, and in all others together where these are none that have to be there. So a record
 * that says 1970 is looked for there, and all others of its batch are not.
 */
export function askedMonths(records: readonly AuditRecord[], now: Date): readonly AskedMonth[] {
  const months = new Map<number, Set<string>>();
  const [first, last] = [monthOf(now.getTime()) - monthsBack, monthOf(now.getTime()) + monthsAhead];
  for (const record of records) {
    const id = storableText(record.decision_id);
    for (const month of monthsAbout(record)) {
      const asked = month >= first && month <= last ? month : elsewhere;
      months.set(asked, (months.get(asked) ?? new Set()).add(id));
    }
  }
  return [...months].map(([month, ids]) =>
    month === elsewhere
      ? { ids: [...ids], from: startOf(first), till: startOf(last + 1), outside: true }
      : { ids: [...ids], from: startOf(month), till: startOf(month + 1) },
  );
}

function monthsAbout(record: AuditRecord): readonly number[] {
  const decided = decidedAt(record.decision_id).getTime();
  const times = [Date.parse(record.timestamp), ...(decided === 0 ? [] : [decided])];
  return times.flatMap((ms) => [monthOf(ms - dayMs), monthOf(ms + dayMs)]);
}

/** Months since the beginning of the year 0. */
function monthOf(ms: number): number {
  const time = new Date(ms);
  return 12 * time.getUTCFullYear() + time.getUTCMonth();
}

const startOf = (month: number): Date => new Date(Date.UTC(Math.floor(month / 12), month % 12));
