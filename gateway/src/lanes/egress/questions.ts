import type { JsonObject } from "@vivified/contracts";
import type { Question } from "../../pep/question.ts";
import type { Plugin } from "../../snapshot/snapshot.ts";
import type { Destination } from "./accept-destination.ts";

/** May the caller reach this destination, and what of the request may leave? */
export function mayConnect(caller: Plugin, destination: Destination, traceId: string): Question<"egress/connect"> {
  const { target, payload } = destination;
  return { entrypoint: "egress/connect", traceId, subject: caller, resource: target, payload };
}

/** What of the answer may the caller see? */
export function mayReturn(
  asked: Question<"egress/connect">,
  answer: { readonly status: number; readonly payload: JsonObject; readonly parentId: string },
): Question<"egress/reply"> {
  const { status, payload, parentId } = answer;
  return { ...asked, entrypoint: "egress/reply", resource: { ...asked.resource, status }, payload, parentId };
}
