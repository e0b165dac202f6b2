import { PublishReply, PublishRequest } from "@vivified/contracts";
import { type HttpServer, sendProblem } from "@vivified/runtime";
import { renderDenial } from "../../pep/render-denial.ts";
import { type PublishLaneDeps, publishLane } from "./publish-lane.ts";

/** `POST /events/publish`: one event. */
export function eventsRoutes(server: HttpServer, deps: PublishLaneDeps): void {
  const schema = { body: PublishRequest, response: { 200: PublishReply } };
  server.post("/events/publish", { schema }, async (request, reply) => {
    const { peer, headers, body } = request;
    const { traceId } = request.trace;
    const answer = await publishLane({ peer, traceId, headers, request: body }, deps);
    return "outcome" in answer ? sendProblem(reply, renderDenial(answer, traceId)) : answer;
  });
}
