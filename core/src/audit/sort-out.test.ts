import type { AuditRecord } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { decisionOf, outcomeOf } from "./block.fixtures.ts";
import type { PlacedRecord } from "./block-store.ts";
import { type Makers, sortOut } from "./sort-out.ts";

const one = decisionOf();
const known = (maker?: string) => new Map([[one.decision_id, maker]]);

/** Records on the subject of a writer, which can be believed unless told otherwise. */
const placed = (subjectWriter: string, records: readonly AuditRecord[], believed = true): readonly PlacedRecord[] =>
  records.map((record, logIndex) => ({
    ...{ record, logIndex, subjectWriter, streamSequence: 1, storable: true },
    writer: believed ? subjectWriter : undefined,
  }));

const kept = (records: readonly PlacedRecord[], makers: Makers = new Map()) => {
  const { decisions, outcomes, foreign } = sortOut(records, makers);
  return { decisions: decisions.length, outcomes: outcomes.length, foreign: [...foreign] };
};

describe("sortOut", () => {
  it("takes each decision once, and what its maker tells of it behind it", () => {
    expect(kept(placed("gateway-1-0", [one, outcomeOf(one), one]))).toEqual({ decisions: 1, outcomes: 1, foreign: [] });
  });

  it("takes an outcome from another chain of the same process", () => {
    expect(kept(placed("gateway-1-1", [outcomeOf(one)]), known("gateway-1"))).toMatchObject({
      outcomes: 1,
      foreign: [],
    });
  });

  it.each([
    ["another process", "gateway-2-0", "gateway-1"],
    ["a process whose name begins alike", "gateway-1-0-0", "gateway-1"],
    ["a gateway, of a decision of core", "gateway-1-0", "core"],
    ["a gateway, of a decision of the control plane", "gateway-1-0", "control-plane"],
    ["anybody, where nobody knows who made the decision", "gateway-1-0", undefined],
    ["a process without a name, where nobody knows", "-0", undefined],
  ])("takes none from %s", (_, writer, maker) => {
    expect(kept(placed(writer, [outcomeOf(one)]), known(maker))).toEqual({ decisions: 0, outcomes: 0, foreign: [0] });
  });

  it("takes none of a decision that nobody made", () => {
    expect(kept(placed("gateway-1-0", [outcomeOf(one)]))).toEqual({ decisions: 0, outcomes: 0, foreign: [0] });
  });

  it("takes none that stands before its decision: nothing is released before that is stored", () => {
    expect(kept(placed("gateway-1-0", [outcomeOf(one), one]))).toEqual({ decisions: 1, outcomes: 0, foreign: [0] });
  });

  it("takes none from a block that cannot be believed, on whosever subject it stands", () => {
    expect(kept(placed("gateway-1-0", [outcomeOf(one)], false), known("gateway-1"))).toMatchObject({ foreign: [0] });
  });

  it("lets a decision that gets no row take its id, and its maker tell what became of it", () => {
    const rowless = placed("gateway-1-0", [one]).map((each) => ({ ...each, storable: false }));
    const later = [...placed("gateway-2-0", [one, outcomeOf(one)]), ...placed("gateway-1-1", [outcomeOf(one)])];
    const all = [...rowless, ...later.map((each, nth) => ({ ...each, logIndex: nth + 1 }))];
    expect(kept(all)).toEqual({ decisions: 0, outcomes: 1, foreign: [2] });
    expect([...sortOut(all, new Map()).claims]).toEqual([0]);
    expect(sortOut(all, known("gateway-1")).claims.size).toBe(0);
  });

  it("takes no outcome that can get no row, and accuses nobody of it", () => {
    const rowless = placed("gateway-2-0", [outcomeOf(one)]).map((each) => ({ ...each, storable: false }));
    expect(kept(rowless, known("gateway-1"))).toEqual({ decisions: 0, outcomes: 0, foreign: [] });
  });

  it("lets nobody become the maker of a decision by writing it again", () => {
    expect(kept(placed("gateway-2-0", [one, outcomeOf(one)]), known("gateway-1"))).toEqual({
      ...{ decisions: 0, outcomes: 0, foreign: [1] },
    });
  });
});
