import type { JsonObject, NdBuiltinCache, Verdict } from "@vivified/contracts";
import type { AnyEntrypoint } from "../entrypoints.ts";

/** What must come of a question. What is left out is not looked at; lists are sets. */
export type CaseExpectation = Pick<Verdict, "effect"> & {
  readonly rules?: readonly string[];
  readonly obligations?: Verdict["obligations"];
  /** Ids of rules in mode `report` that would have denied. */
  readonly would_deny?: readonly string[];
};

/** A whole question and what must come of it, as a person wrote it down. */
export type PolicyCase = {
  readonly name: string;
  readonly entrypoint: AnyEntrypoint;
  readonly input: JsonObject;
  /** What builtins say that do not always say the same. */
  readonly nd_builtin_cache?: NdBuiltinCache;
  readonly expect: CaseExpectation;
};

/** A case and where it stands; rows and columns count from 1. */
export type PlacedCase = PolicyCase & { readonly file: string; readonly row: number; readonly column: number };

/** What is wrong with a file of cases, and where. */
export type CaseFault = {
  readonly file: string;
  readonly row: number;
  readonly column: number;
  readonly message: string;
};
