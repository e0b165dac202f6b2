import { AcknowledgeRequest, Alert, AlertPage, AlertQuery } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { type AcknowledgeAlertDeps, acknowledgeAlert } from "./acknowledge-alert.ts";

export type AlertRoutesDeps = AcknowledgeAlertDeps & { readonly stores: Pick<Stores, "alerts"> };

const tags = ["alerts"];
const params = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** What needs the attention of a person, and that somebody has seen it. */
export function alertRoutes(server: HttpServer, deps: AlertRoutesDeps): void {
  const list = { schema: { tags, querystring: AlertQuery, response: { 200: AlertPage } } };
  server.get("/admin/alerts", list, async ({ query }) => ({ alerts: [...(await deps.stores.alerts.list(query))] }));
  const acknowledge = { schema: { tags, params, body: AcknowledgeRequest, response: { 200: Alert } } };
  server.post("/admin/alerts/:id/acknowledge", acknowledge, (request) =>
    acknowledgeAlert({ id: request.params.id, note: request.body.note }, requesterOf(request), deps),
  );
}
