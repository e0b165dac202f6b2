import { ProxyRequest } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { nameDestination } from "../../pep/describe-question.ts";
import { logCall } from "../log-call.ts";
import { sendDenial } from "../send-denial.ts";
import { type EgressLaneDeps, egressLane } from "./lane.ts";
import { parseDestinationUrl } from "./parse-destination-url.ts";

/** `POST /proxy`: one request to a service outside (docs/reference/egress.md). */
export function egressRoutes(server: HttpServer, deps: EgressLaneDeps): void {
  server.post("/proxy", { schema: { body: ProxyRequest } }, async (request, reply) => {
    const { peer, headers, body } = request;
    const { traceId } = request.trace;
    const line = { lane: "egress", action: "connect", resource: nameOf(body.url) } as const;
    const running = egressLane({ peer, traceId, headers, request: body }, deps);
    const answer = await logCall({ ...line, caller: peer?.id, trace_id: traceId }, running, deps);
    return answer.outcome === "denied" ? sendDenial(reply, answer, traceId) : answer.reply;
  });
}

/** Of a URL only where it leads is told; one that cannot be parsed is not repeated in the log. */
function nameOf(url: string): string {
  try {
    return nameDestination(parseDestinationUrl(url));
  } catch {
    return "unnameable";
  }
}
