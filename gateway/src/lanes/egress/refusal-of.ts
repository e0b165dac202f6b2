import type { Caller } from "../../peer/identify-caller.ts";
import { nameDestination } from "../../pep/describe-question.ts";
import type { RefusalRule } from "../../pep/refusal-rules.ts";
import type { Refusal } from "../../pep/refuse.ts";
import type { EgressTarget } from "../../snapshot/grants.ts";

/** Makes this call's refusals: who, where to, and after which decision; path and query are not told. */
export function refusalOf(caller: Caller, target: EgressTarget, traceId: string) {
  const base = {
    entrypoint: "egress/connect",
    traceId,
    caller: caller.standing === "active" ? caller.plugin.id : caller.spiffeId,
    resource: nameDestination(target),
  } as const;
  return (rule: RefusalRule, parentId?: string): Refusal =>
    parentId === undefined ? { ...base, rule } : { ...base, rule, parentId };
}
