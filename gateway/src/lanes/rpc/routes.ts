import { type JsonValue, pluginHeaders } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import { logCall } from "../log-call.ts";
import { sendDenial } from "../send-denial.ts";
import { nameOperation } from "./accept-call.ts";
import { type RpcLaneDeps, rpcLane } from "./lane.ts";

const params = Type.Object({ plugin: Type.String(), operation: Type.String() });

/** `POST /gateway/{plugin}/{operation}` (docs/reference/rpc.md) */
export function rpcRoutes(server: HttpServer, deps: RpcLaneDeps): void {
  server.post("/gateway/:plugin/:operation", { schema: { params } }, async (request, reply) => {
    const { plugin, operation } = request.params;
    const { headers, trace, peer } = request;
    const body = request.body as JsonValue | undefined;
    const line = { lane: "rpc", action: "invoke", resource: nameOperation(plugin, operation) } as const;
    const running = rpcLane(peer, { plugin, operation, headers, body, traceId: trace.traceId }, deps);
    const answer = await logCall({ ...line, caller: peer?.id, trace_id: trace.traceId }, running, deps);
    if (answer.outcome === "denied") return sendDenial(reply, answer, trace.traceId);
    return reply.code(answer.status).header(pluginHeaders.decision, answer.decision.id).send(answer.payload);
  });
}
