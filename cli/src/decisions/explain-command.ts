import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import type { BundleOptions } from "../policy/insight/bundle-options.ts";
import { depthText } from "../policy/insight/depth-text.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";
import { type Depth, explainInDepth } from "./explain-in-depth.ts";
import { findDecision } from "./find-decision.ts";
import { recordText } from "./record-text.ts";

export type ExplainDecisionOptions = CoreOptions & BundleOptions & { readonly all?: boolean; readonly json?: boolean };

/** What `vivified decisions explain` ends with; 2 is for what every command ends with when it cannot be run. */
export const explainExitCodes = { explained: 0, differs: 1, unexplained: 3 } as const;

/** `vivified decisions explain`: the record, then why in depth. @throws Error when there is no such decision */
export async function explainDecision(id: string, options: ExplainDecisionOptions): Promise<number> {
  await using core = await openCore(options);
  const found = await findDecision(core, id);
  if (options.json !== true) console.log(recordText(harmless(found)));
  const depth = await explainInDepth(found.record, core, options);
  console.log(options.json ? harmlessJson({ ...found, ...depth }) : `\n${textOf(harmless(depth), options)}`);
  return exitCodeOf(depth);
}

function textOf(depth: Depth, options: ExplainDecisionOptions): string {
  if ("explanation" in depth) return depthText(depth.explanation, options);
  return `Not judged again: ${depth.unexplained.message}`;
}

function exitCodeOf(depth: Depth): number {
  if ("unexplained" in depth)
    return depth.unexplained.why === "no_policy" ? explainExitCodes.explained : explainExitCodes.unexplained;
  const { engines_agree, log_agrees } = depth.explanation;
  return engines_agree && log_agrees !== false ? explainExitCodes.explained : explainExitCodes.differs;
}
