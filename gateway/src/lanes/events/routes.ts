import { PublishReply, PublishRequest } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { logCall } from "../log-call.ts";
import { sendDenial } from "../send-denial.ts";
import { traceIdOf } from "./accept-event.ts";
import { type PublishLaneDeps, publishLane } from "./publish-lane.ts";

/** `POST /events/publish`: one event (docs/reference/events.md). */
export function eventsRoutes(server: HttpServer, deps: PublishLaneDeps): void {
  const schema = { body: PublishRequest, response: { 200: PublishReply } };
  server.post("/events/publish", { schema }, async (request, reply) => {
    const { peer, headers, body } = request;
    const { traceId } = request.trace;
    const incoming = { peer, traceId, headers, request: body };
    const line = {
      lane: "events",
      action: "publish",
      resource: body.event_type,
      trace_id: traceIdOf(incoming),
    } as const;
    const answer = await logCall({ ...line, caller: peer?.id }, publishLane(incoming, deps), deps);
    return answer.outcome === "denied" ? sendDenial(reply, answer, traceId) : { event_id: answer.eventId };
  });
}
