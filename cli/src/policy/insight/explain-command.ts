import type { CoreOptions } from "../../core/core-options.ts";
import { harmless } from "../../terminal/harmless.ts";
import { askedQuestion } from "./asked-question.ts";
import type { BundleOptions } from "./bundle-options.ts";
import { builtBundle, bundleOf, chosenBundle } from "./chosen-bundle.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { explainAsked } from "./explain-asked.ts";
import { explainText } from "./explain-text.ts";
import { lazyCore } from "./lazy-core.ts";

export type ExplainOptions = CoreOptions &
  BundleOptions & { readonly entrypoint?: string; readonly all?: boolean; readonly json?: boolean };

/** `vivified policy explain`: why policy answers a question as it does, from the interpreter. */
export async function explainCommand(what: string, options: ExplainOptions): Promise<ExitCode> {
  await using lazy = lazyCore(options);
  const asked = await askedQuestion(what, options.entrypoint, lazy.core);
  const { logged } = asked;
  const recorded = async () => logged && bundleOf(logged.revision, await lazy.core(), options);
  const bundle = (await chosenBundle(options, lazy.core)) ?? (await recorded()) ?? (await builtBundle());
  const told = await explainAsked(asked, bundle);
  console.log(options.json ? JSON.stringify(told, null, 2) : explainText(harmless(asked), harmless(told), options));
  return told.engines_agree && told.log_agrees !== false ? exitCodes.fine : exitCodes.differs;
}
