import type { DecisionRecord } from "@vivified/contracts";
import { type Explanation, readRecord, type UnjudgedReason } from "@vivified/pdp";
import type { AdminApi } from "../platform/admin-api.ts";
import type { BundleOptions } from "../policy/insight/bundle-options.ts";
import { chosenBundle } from "../policy/insight/chosen-bundle.ts";
import { explainAsked } from "../policy/insight/explain-asked.ts";
import { keptBundle } from "../policy/insight/kept-bundle.ts";
import { whyUnjudged } from "../policy/insight/why-unjudged.ts";

/** Why in depth, or why that cannot be told. */
export type Depth =
  | { readonly explanation: Explanation }
  | { readonly unexplained: { readonly why: UnjudgedReason | "revision_gone"; readonly message: string } };

/** Asks the policies that decided, or those that were chosen, the recorded question again. */
export async function explainInDepth(record: DecisionRecord, core: AdminApi, options: BundleOptions): Promise<Depth> {
  const logged = readRecord(record);
  if (typeof logged === "string") return { unexplained: { why: logged, message: whyUnjudged[logged] } };
  const { revision } = logged;
  const bundle = (await chosenBundle(options, async () => core)) ?? (await keptBundle(revision, core, options));
  if (bundle !== undefined) return { explanation: await explainAsked({ question: logged, logged }, bundle) };
  const message = `core does not keep revision ${revision} any more; --bundle names a copy of it`;
  return { unexplained: { why: "revision_gone", message } };
}
