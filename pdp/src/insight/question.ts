import type { JsonObject, NdBuiltinCache, Verdict } from "@vivified/contracts";
import type { AnyEntrypoint } from "../entrypoints.ts";

/** What policy was asked, with all that its answer depends on besides the bundle. */
export type Question = {
  readonly entrypoint: AnyEntrypoint;
  readonly input: JsonObject;
  readonly nd_builtin_cache?: NdBuiltinCache;
};

/** A question that was asked before: by whom, under which revision, and what policy said. */
export type LoggedQuestion = Question & {
  readonly decision_id: string;
  readonly revision: string;
  readonly caller: string;
  /** The policy's own answer, before the gateway made a denial of what it could not apply. */
  readonly verdict: Verdict;
};
