import { holdAgainst, openPinnedJudge, type PolicyBundle, replay } from "@vivified/pdp";
import type { CoreOptions } from "../../core/core-options.ts";
import type { BundleOptions } from "./bundle-options.ts";
import { chosenBundle } from "./chosen-bundle.ts";
import type { ExitCode } from "./exit-codes.ts";
import { type HeldReport, verdictOfReplay } from "./held-report.ts";
import { type LazyCore, lazyCore } from "./lazy-core.ts";
import { readExpectations } from "./read-expectations.ts";
import { replayMarkdown } from "./replay-markdown.ts";
import { replayText } from "./replay-text.ts";
import { type TrafficOptions, traffic } from "./traffic.ts";
import { verifyCommand } from "./verify-command.ts";

export type ReplayOptions = CoreOptions &
  BundleOptions &
  TrafficOptions & {
    readonly expect?: string;
    readonly verify?: boolean;
    readonly format?: "text" | "json" | "markdown";
    readonly json?: boolean;
  };

/** `vivified policy replay`: what a candidate makes of decisions that were logged. */
export async function replayCommand(options: ReplayOptions): Promise<ExitCode> {
  await using lazy = lazyCore(options);
  if (options.verify === true) return verifyCommand(options, lazy);
  const expected = options.expect === undefined ? undefined : await readExpectations(options.expect);
  const bundle = await chosenBundle(options, lazy.core);
  if (bundle === undefined) throw new Error("which policies? --bundle, --policies, --customer or --revision says it");
  const report = await replayed(bundle, options, lazy);
  const held = holdAgainst(report, expected ?? { flips: [], fields: [] });
  const told = { ...report, ...held };
  console.log(rendered(told, options));
  return verdictOfReplay(told);
}

async function replayed(bundle: PolicyBundle, options: ReplayOptions, lazy: LazyCore) {
  await using candidate = await openPinnedJudge(bundle);
  return await replay({ candidate, records: await traffic(options, lazy) }); // not disposed before
}

function rendered(told: HeldReport, { format, json }: ReplayOptions): string {
  if (json === true || format === "json") return JSON.stringify(told, null, 2);
  return format === "markdown" ? replayMarkdown(told) : replayText(told);
}
