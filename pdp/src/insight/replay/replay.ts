import type { Verdict } from "@vivified/contracts";
import type { PinnedJudge } from "../pinned-judge.ts";
import type { LoggedQuestion } from "../question.ts";
import { readRecord } from "../read-record.ts";
import { compareVerdicts } from "./compare-verdicts.ts";
import { remembered } from "./remembered-judge.ts";
import type { ReplayReport } from "./replay-report.ts";
import { createTally } from "./tally.ts";

export type ReplayOptions = {
  readonly records: AsyncIterable<unknown>;
  readonly candidate: PinnedJudge;
  /** Whose answers it is compared with. Absent: those in the log. */
  readonly base?: PinnedJudge;
};

/**
 * Judges decisions of the past with a candidate and counts what would have come out otherwise. Records stream through:
 * memory does not grow with their number. What cannot be judged again is counted under why.
 */
export async function replay({ records, candidate, base }: ReplayOptions): Promise<ReplayReport> {
  const tally = createTally();
  const after = remembered(candidate);
  const before = base && remembered(base);
  const answerBefore = (record: LoggedQuestion): Verdict | Promise<Verdict> => before?.judge(record) ?? record.verdict;
  for await (const record of records) {
    const asked = readRecord(record);
    if (typeof asked === "string") tally.skip(asked);
    else tally.count(asked, compareVerdicts(await answerBefore(asked), await after.judge(asked)));
  }
  return tally.report({ candidate: candidate.revision, against: base?.revision ?? "log" }, after.evaluated());
}
