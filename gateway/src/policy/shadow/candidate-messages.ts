import type { JsonObject, Verdict } from "@vivified/contracts";
import type { AnyEntrypoint, PolicyBundle } from "@vivified/pdp";

/** What the candidate's thread is started with. */
export type CandidateData = { readonly bundle: PolicyBundle };

/** A question as the lane asked it. */
export type CandidateQuestion = { readonly entrypoint: AnyEntrypoint; readonly input: JsonObject };

/** Questions go over in batches; answers come back in the same order. */
export type CandidateBatch = readonly CandidateQuestion[];
export type CandidateAnswers = readonly Verdict[];
