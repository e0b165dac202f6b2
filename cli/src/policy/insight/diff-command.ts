import { type BundleDiff, diffBundles, holdAgainst, openPinnedJudge, type PolicyBundle, replay } from "@vivified/pdp";
import type { CoreOptions } from "../../core/core-options.ts";
import { namedBundle, opaPath } from "./chosen-bundle.ts";
import { diffText } from "./diff-text.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type HeldReport, verdictOfReplay } from "./held-report.ts";
import { type LazyCore, lazyCore } from "./lazy-core.ts";
import { replayText } from "./replay-text.ts";
import { type TrafficOptions, traffic } from "./traffic.ts";

export type DiffOptions = CoreOptions & TrafficOptions & { readonly keys?: string; readonly json?: boolean };

/** `vivified policy diff`: what differs between two policies, and what that makes of real traffic. */
export async function diffCommand(a: string, b: string, options: DiffOptions): Promise<ExitCode> {
  await using lazy = lazyCore(options);
  const from = await namedBundle(a, options, lazy.core);
  const to = await namedBundle(b, options, lazy.core);
  const diff = await diffBundles({ opa: opaPath(), from, to });
  const effect = await effectOf(from, to, options, lazy);
  const text = [diffText(diff), ...(effect ? [replayText(effect, false)] : [])].join("\n\n");
  console.log(options.json ? JSON.stringify({ ...diff, ...(effect && { effect }) }, null, 2) : text);
  if (effect !== undefined && verdictOfReplay(effect) === exitCodes.failing) return exitCodes.failing;
  return isEmpty(diff) ? exitCodes.fine : exitCodes.differs;
}

async function effectOf(
  from: PolicyBundle,
  to: PolicyBundle,
  options: DiffOptions,
  lazy: LazyCore,
): Promise<HeldReport | undefined> {
  if ((options.file ?? options.since ?? options.until) === undefined) return undefined;
  await using base = await openPinnedJudge(from);
  await using candidate = await openPinnedJudge(to);
  const report = await replay({ base, candidate, records: await traffic(options, lazy) });
  return { ...report, ...holdAgainst(report, { flips: [], fields: [] }) };
}

const isEmpty = ({ added, removed, changed, helpers, data }: BundleDiff): boolean =>
  [added, removed, changed, helpers, data].every((list) => list.length === 0);
