import type { Clock } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";

export type DenialsThresholds = {
  /** Denials are counted in this window, and compared with the mean of such windows in the baseline before it. */
  readonly windowMs: number;
  readonly baselineMs: number;
  /** So many times the baseline is a spike … */
  readonly factor: number;
  /** … from so many denials on. */
  readonly minimum: number;
};
export type DenialsSpikeDeps = { readonly db: Db; readonly clock: Clock; readonly thresholds: DenialsThresholds };

/** Subject of the alert about all callers together: no id looks like it. */
const everybody = "*";

type Count = { readonly caller: string; readonly recent: number; readonly before: number };

/** A caller, or all together, are denied far more often than before. */
export function denialsSpike({ db, clock, thresholds }: DenialsSpikeDeps): AlertRule {
  const look = async () => {
    const at = clock.now();
    const callers = await countsOf(db, thresholds, at);
    const all = callers.reduce(plus, { caller: everybody, recent: 0, before: 0 });
    return [all, ...callers]
      .filter((count) => isSpike(count, thresholds))
      .map((count) => findingOf(count, thresholds, at));
  };
  return { name: "denials_spike", look, ends: thresholds.windowMs, all: "`vivified decisions search --effect deny`" };
}

const plus = (sum: Count, { recent, before }: Count): Count => ({
  caller: sum.caller,
  recent: sum.recent + recent,
  before: sum.before + before,
});

/**
 * `before` is the mean of a window of the baseline, rounded up. Gateways say themselves when they denied: what is later
 * than now counts once it is now.
 */
async function countsOf(db: Db, { windowMs, baselineMs }: DenialsThresholds, at: Date): Promise<readonly Count[]> {
  const [recentFrom, from] = [at.getTime() - windowMs, at.getTime() - windowMs - baselineMs].map((ms) => new Date(ms));
  const recent = sql<string>`count(*) filter (where occurred_at >= ${recentFrom})`;
  const rows = await db
    .selectFrom("decisions")
    .select(({ fn }) => ["caller", recent.as("recent"), fn.countAll<string>().as("both")])
    .where("effect", "=", "deny")
    .where("occurred_at", ">=", from ?? at)
    .where("occurred_at", "<=", at)
    .groupBy("caller")
    .execute();
  return rows.map(({ caller, recent, both }) => {
    const windows = baselineMs / windowMs;
    return { caller, recent: Number(recent), before: Math.ceil((Number(both) - Number(recent)) / windows) };
  });
}

/** Pure, so that the threshold can be tested as what it is. */
export function isSpike({ recent, before }: Omit<Count, "caller">, { factor, minimum }: DenialsThresholds): boolean {
  return recent >= minimum && recent >= factor * before;
}

function findingOf({ caller, recent, before }: Count, { windowMs }: DenialsThresholds, evidenceAt: Date): Finding {
  const who = caller === everybody ? "All callers together were" : `${caller} was`;
  const message = `${who} denied ${recent} times within ${windowMs / 1000} s; ${before} are usual`;
  const labels = { denials: String(recent), usual: String(before) };
  return {
    rule: "denials_spike",
    subject: caller,
    severity: "high",
    message,
    evidenceAt,
    labels,
    anyName: caller !== everybody,
  };
}
