import { styleText } from "node:util";
import { openPinnedJudge, type PinnedJudge, type VerifyReport, verifyLog } from "@vivified/pdp";
import { chosenBundle } from "./chosen-bundle.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { keptBundle } from "./kept-bundle.ts";
import type { LazyCore } from "./lazy-core.ts";
import type { ReplayOptions } from "./replay-command.ts";
import { traffic } from "./traffic.ts";

/** `vivified policy replay --verify`: every decision again with its own revision, byte for byte. */
export async function verifyCommand(options: ReplayOptions, lazy: LazyCore): Promise<ExitCode> {
  const judges = new Map<string, Promise<PinnedJudge | undefined>>();
  const chosen = await chosenBundle(options, lazy.core);
  const open = async (revision: string) => {
    const bundle = chosen === undefined ? await keptBundle(revision, await lazy.core(), options) : chosen;
    return bundle?.revision === revision ? openPinnedJudge(bundle) : undefined;
  };
  const judgeOf = (revision: string) => {
    const judge = judges.get(revision) ?? open(revision);
    judges.set(revision, judge);
    return judge;
  };
  const report = await verifyLog({ records: await traffic(options, lazy), judgeOf });
  for (const judge of judges.values()) await (await judge)?.[Symbol.asyncDispose]();
  console.log(options.json || options.format === "json" ? JSON.stringify(report, null, 2) : text(report));
  return report.different > 0 ? exitCodes.differs : exitCodes.fine;
}

const words = {
  no_policy: "no policy was asked",
  no_input: "the question was too large to be kept",
  masked: "the log keeps less of the question than was asked",
  outcome: "outcomes, not decisions",
  unreadable: "no records of decisions",
  no_bundle: "their revision is not at hand",
} as const;

function text({ read, verified, different, examples, not_verified }: VerifyReport): string {
  const skipped = Object.entries(words).flatMap(([name, why]) => {
    const count = not_verified[name as keyof typeof words];
    return count > 0 ? [`  ${count} not verified: ${why}`] : [];
  });
  const shown = examples.map(
    ({ decision_id, logged, now }) => `  ${decision_id}\n    logged ${logged}\n    now    ${now}`,
  );
  const verdict =
    different > 0 ? styleText(["bold", "red"], `!! ${different} differ from the log !!`) : "None differs.";
  return [`${verified} of ${read} decisions come out byte for byte as logged.`, ...skipped, verdict, ...shown].join(
    "\n",
  );
}
