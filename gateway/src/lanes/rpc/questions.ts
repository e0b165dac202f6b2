import type { JsonObject } from "@vivified/contracts";
import type { Question } from "../../pep/question.ts";
import type { Plugin } from "../../snapshot/snapshot.ts";
import type { Call } from "./accept-call.ts";
import type { Target } from "./resolve-target.ts";

/** May the caller make this call, and what of it may the target see? */
export function mayInvoke(caller: Plugin, target: Target, call: Call): Question<"rpc/invoke"> {
  return { entrypoint: "rpc/invoke", traceId: call.traceId, subject: caller, resource: target, payload: call.payload };
}

/** What of the target's reply may the caller see? */
export function mayRelease(asked: Question<"rpc/invoke">, reply: JsonObject, parentId: string): Question<"rpc/reply"> {
  return { ...asked, entrypoint: "rpc/reply", payload: reply, parentId };
}
