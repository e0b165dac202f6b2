import { canonicalJson } from "@vivified/contracts";
import type { PinnedJudge } from "../pinned-judge.ts";
import { readRecord, type UnjudgedReason, unjudgedReasons } from "../read-record.ts";

export type VerifyReport = {
  readonly read: number;
  readonly verified: number;
  /** Not byte for byte what was logged. */
  readonly different: number;
  readonly examples: readonly { readonly decision_id: string; readonly logged: string; readonly now: string }[];
  /** `no_bundle`: the revision is not at hand. */
  readonly not_verified: { readonly [Reason in UnjudgedReason | "no_bundle"]: number };
};

export type VerifyOptions = {
  readonly records: AsyncIterable<unknown>;
  /** The judge of a revision, undefined when it is not at hand. */
  readonly judgeOf: (revision: string) => Promise<PinnedJudge | undefined>;
};

const mostExamples = 20;

/** Judges every decision again with its own revision: canonical JSON (RFC 8785) of both answers must be the same bytes. */
export async function verifyLog({ records, judgeOf }: VerifyOptions): Promise<VerifyReport> {
  const reasons = [...unjudgedReasons, "no_bundle"] as const;
  const not_verified = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<
    (typeof reasons)[number],
    number
  >;
  const examples: VerifyReport["examples"][number][] = [];
  let [read, verified, different] = [0, 0, 0];
  for await (const record of records) {
    read++;
    const asked = readRecord(record);
    const judge = typeof asked === "string" ? undefined : await judgeOf(asked.revision);
    if (typeof asked === "string" || judge === undefined) {
      not_verified[typeof asked === "string" ? asked : "no_bundle"]++;
      continue;
    }
    const [logged, now] = [canonicalJson(asked.verdict), canonicalJson(await judge.judge(asked))];
    if (logged === now) verified++;
    else different++;
    if (logged !== now && examples.length < mostExamples)
      examples.push({ decision_id: asked.decision_id, logged, now });
  }
  return { read, verified, different, examples, not_verified };
}
