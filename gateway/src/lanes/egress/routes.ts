import { ProxyRequest } from "@vivified/contracts";
import { type HttpServer, sendProblem } from "@vivified/runtime";
import { renderDenial } from "../../pep/render-denial.ts";
import { type EgressLaneDeps, egressLane } from "./lane.ts";

/** `POST /proxy`: one request to a service outside. */
export function egressRoutes(server: HttpServer, deps: EgressLaneDeps): void {
  server.post("/proxy", { schema: { body: ProxyRequest } }, async (request, reply) => {
    const { peer, headers, body } = request;
    const { traceId } = request.trace;
    const answer = await egressLane({ peer, traceId, headers, request: body }, deps);
    if (!("outcome" in answer)) return answer;
    if (answer.retryAfterSeconds !== undefined) reply.header("retry-after", answer.retryAfterSeconds);
    return sendProblem(reply, renderDenial(answer, traceId));
  });
}
