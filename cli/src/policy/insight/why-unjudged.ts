import type { UnjudgedReason } from "@vivified/pdp";

/** Why a record cannot be judged again, in words. */
export const whyUnjudged: Readonly<Record<UnjudgedReason, string>> = {
  no_policy: "no policy was asked about it",
  no_input: "the question was too large to be kept",
  masked: "the log keeps less of the question than was asked (see its erased and masked)",
  outcome: "it tells what became of a decision",
  unreadable: "it is no record of a decision",
};
