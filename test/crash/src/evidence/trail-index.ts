import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { Evidence } from "./evidence.ts";

export type PlacedDecision = {
  readonly record: DecisionRecord;
  readonly storedMs: number;
  readonly streamSequence: number;
};

/** The audit stream, to look things up in. The first of doubles counts here; that there are none is a claim of its own. */
export type TrailIndex = {
  readonly decisions: ReadonlyMap<string, PlacedDecision>;
  readonly outcomes: ReadonlyMap<string, OutcomeRecord>;
  readonly byTrace: ReadonlyMap<string, readonly DecisionRecord[]>;
  /** Core's own records, wherever they stand. */
  readonly cores: readonly DecisionRecord[];
  readonly refusedAfter: ReadonlySet<string>;
  /** Permits whose effect has neither an outcome nor a refusal behind it. */
  readonly untold: readonly DecisionRecord[];
};

export function indexTrail({ blocks, kept }: Evidence): TrailIndex {
  const decisions = new Map<string, PlacedDecision>();
  const outcomes = new Map<string, OutcomeRecord>();
  for (const { block, storedMs, streamSequence } of blocks) {
    for (const record of block.records) {
      if (record.kind === "outcome") outcomes.set(record.decision_id, outcomes.get(record.decision_id) ?? record);
      else if (!decisions.has(record.decision_id))
        decisions.set(record.decision_id, { record, storedMs, streamSequence });
    }
  }
  const records = [...decisions.values()].map(({ record }) => record);
  const cores = kept.decisions.map(({ record }) => record).filter(({ lane }) => lane === "core");
  const refusals = records.filter(({ entrypoint }) => entrypoint === "refused");
  const refusedAfter = new Set(refusals.flatMap(({ parent_id }) => parent_id ?? []));
  const isUntold = ({ decision_id: id }: DecisionRecord) => !outcomes.has(id) && !refusedAfter.has(id);
  return {
    decisions,
    outcomes,
    byTrace: Map.groupBy(records, ({ trace_id }) => trace_id),
    cores,
    refusedAfter,
    untold: records.filter((record) => acting.has(record.entrypoint) && permits(record) && isUntold(record)),
  };
}

const acting: ReadonlySet<string> = new Set(["rpc/invoke", "events/publish", "events/deliver", "egress/connect"]);

export const permits = ({ result }: DecisionRecord): boolean => result.effect !== "deny";
