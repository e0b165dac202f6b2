import type { Evidence, Violation } from "./evidence/evidence.ts";
import { indexTrail } from "./evidence/trail-index.ts";
import { isAcked } from "./load/order.ts";

/** How a run ended, to be printed as JSON. */
export type CrashSummary = {
  readonly seed: number;
  readonly gateways: number;
  readonly kills: number;
  readonly seconds: number;
  /** From a blow until every lane served again. */
  readonly recovery_ms: { readonly p50: number; readonly max: number };
  readonly orders: number;
  readonly answered_with_yes: number;
  readonly effects: Readonly<Record<string, number>>;
  readonly blocks: number;
  readonly records: number;
  /** Permits of which nobody told what became of them. */
  readonly untold: number;
  readonly violations: readonly Violation[];
};

type Run = {
  readonly options: { readonly seed: number; readonly kills: number; readonly gateways: number };
  readonly startedMs: number;
  readonly recoveries: readonly number[];
  readonly violations: readonly Violation[];
  readonly evidence?: Evidence;
};

export function summarize({ options, startedMs, recoveries, violations, evidence }: Run): CrashSummary {
  const sorted = recoveries.toSorted((a, b) => a - b).map(Math.round);
  const bySink = Object.groupBy(evidence?.effects ?? [], ({ sink }) => sink);
  const blocks = evidence?.blocks ?? [];
  return {
    seed: options.seed,
    gateways: options.gateways,
    kills: options.kills,
    seconds: Math.round((Date.now() - startedMs) / 1000),
    recovery_ms: { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 },
    orders: evidence?.orders.length ?? 0,
    answered_with_yes: evidence?.orders.filter(isAcked).length ?? 0,
    effects: Object.fromEntries(Object.entries(bySink).map(([sink, effects]) => [sink, effects.length])),
    blocks: blocks.length,
    records: blocks.reduce((sum, { block }) => sum + block.records.length, 0),
    untold: evidence === undefined ? 0 : indexTrail(evidence).untold.length,
    violations,
  };
}
