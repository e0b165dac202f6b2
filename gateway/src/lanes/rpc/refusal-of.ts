import type { Decision } from "@vivified/contracts";
import type { Caller } from "../../peer/identify-caller.ts";
import type { RefusalRule } from "../../pep/refusal-rules.ts";
import type { Refusal } from "../../pep/refuse.ts";
import type { Call } from "./accept-call.ts";
import type { Obstacle } from "./obstacle-of.ts";

/** Makes this call's refusals: who, what, and after which decision. */
export function refusalOf(caller: Caller, call: Call) {
  const base = {
    entrypoint: "rpc/invoke",
    traceId: call.traceId,
    caller: caller.standing === "active" ? caller.plugin.id : caller.spiffeId,
    resource: call.name,
  } as const;
  return {
    before: (rule: RefusalRule): Refusal => ({ ...base, rule }),
    after: ({ id }: Decision, obstacle: Obstacle): Refusal => ({ ...base, ...obstacle, parentId: id }),
    ofReply: ({ id }: Decision): Refusal => ({
      ...base,
      entrypoint: "rpc/reply",
      rule: "rpc.unjudgeable_reply",
      target: call.plugin,
      parentId: id,
    }),
  };
}
