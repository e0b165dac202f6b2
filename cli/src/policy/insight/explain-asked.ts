import { type Explanation, explain, type PolicyBundle } from "@vivified/pdp";
import type { AskedQuestion } from "./asked-question.ts";
import { opaPath } from "./chosen-bundle.ts";

/** Why a bundle answers as it does; the log is held against it when it is of the revision that decided. */
export function explainAsked(
  { question, logged }: Pick<AskedQuestion, "question" | "logged">,
  bundle: PolicyBundle,
): Promise<Explanation> {
  // Another revision is free to answer otherwise.
  const same = logged !== undefined && logged.revision === bundle.revision;
  return explain({ opa: opaPath(), bundle, question, ...(same && { logged: logged.verdict }) });
}
