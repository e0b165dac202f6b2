import { AuditHold, AuditHoldList, PlaceHoldRequest } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { type ChangeHoldsDeps, liftHold, placeHold } from "./change-holds.ts";

export type HoldRoutesDeps = ChangeHoldsDeps & { readonly stores: Pick<Stores, "holds"> };

const tags = ["audit"];
const params = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** Legal holds: placed by one person, lifted by two. */
export function holdRoutes(server: HttpServer, deps: HoldRoutesDeps): void {
  const list = { schema: { tags, response: { 200: AuditHoldList } } };
  server.get("/admin/audit/holds", list, async () => ({ holds: [...(await deps.stores.holds.list())] }));
  const place = { schema: { tags, body: PlaceHoldRequest, response: { 201: AuditHold } } };
  server.post("/admin/audit/holds", place, async (request, reply) =>
    reply.code(201).send(await placeHold(request.body, requesterOf(request), deps)),
  );
  const lift = { schema: { tags, params, response: { 200: AuditHold, 202: AuditHold } } };
  server.delete("/admin/audit/holds/:id", lift, async (request, reply) => {
    const hold = await liftHold(request.params.id, requesterOf(request), deps);
    return reply.code(hold.state === "lifted" ? 200 : 202).send(hold);
  });
}
