import { type PolicyInputs, type Verdict, verdictOf } from "@vivified/contracts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { openPdp } from "../engine/open-pdp.ts";
import type { AnyEntrypoint } from "../entrypoints.ts";
import type { Question } from "./question.ts";

/** Judges questions of the past: builtins say what they said then. */
export type PinnedJudge = AsyncDisposable & {
  readonly revision: string;
  readonly judge: (question: Question) => Promise<Verdict>;
};

/**
 * Opens a bundle for questions of the past.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable`
 */
export async function openPinnedJudge(bundle: PolicyBundle): Promise<PinnedJudge> {
  const pdp = await openPdp({ bundle, maxCachedAnswers: 0 });
  return {
    revision: bundle.revision,
    judge: async ({ entrypoint, input }) =>
      verdictOf(await pdp.decide(entrypoint, input as unknown as PolicyInputs[AnyEntrypoint])),
    [Symbol.asyncDispose]: () => pdp[Symbol.asyncDispose](),
  };
}
