import { DecisionPage, DecisionQuery, RecordPage, RecordQuery } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import type { DecisionStore, KeptDecision } from "./decision-store.ts";
import { listRecords } from "./list-records.ts";
import { searchDecisions } from "./search-decisions.ts";

export type AuditRoutesDeps = { readonly decisions: DecisionStore };

const WholeDecision = Type.Object(
  {
    decision_id: Type.String(),
    outcome: Type.Optional(Type.Unknown()),
    stream_sequence: Type.Optional(Type.Integer()),
    log_index: Type.Optional(Type.Integer()),
  },
  {
    description: "The record as it was written, what became of it, and where it stands in stream and log.",
  },
);

export function auditRoutes(server: HttpServer, { decisions }: AuditRoutesDeps): void {
  server.get(
    "/admin/decisions",
    { schema: { tags: ["audit"], querystring: DecisionQuery, response: { 200: DecisionPage } } },
    (request) => searchDecisions(request.query, decisions),
  );
  server.get(
    "/admin/decisions/records",
    { schema: { tags: ["audit"], querystring: RecordQuery, response: { 200: RecordPage } } },
    (request) => listRecords(request.query, decisions),
  );
  server.get(
    "/admin/decisions/:id",
    {
      schema: {
        tags: ["audit"],
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: WholeDecision },
      },
    },
    async (request) => {
      const found = await decisions.find(request.params.id);
      if (found === undefined) throw new VivifiedError("not_found", { detail: "there is no such decision" });
      return whole(found);
    },
  );
}

function whole({ record, outcome, streamSequence, logIndex }: KeptDecision) {
  return {
    ...record,
    ...(outcome && { outcome }),
    ...(streamSequence !== undefined && { stream_sequence: Number(streamSequence) }),
    ...(logIndex !== undefined && { log_index: Number(logIndex) }),
  };
}
