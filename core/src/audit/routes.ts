import {
  DecisionPage,
  DecisionQuery,
  FacetQuery,
  FacetReply,
  HistogramQuery,
  HistogramReply,
  RecordPage,
  RecordQuery,
} from "@vivified/contracts";
import { type Clock, type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "../policy/index.ts";
import type { KeptDecision } from "./decision-store.ts";
import { listRecords } from "./list-records.ts";
import type { ReadLog } from "./reading/read-log.ts";
import { searchDecisions } from "./search-decisions.ts";
import { type TailRoutesDeps, tailRoutes } from "./tail/routes.ts";

export type AuditRoutesDeps = TailRoutesDeps & { readonly reads: Pick<ReadLog, "note">; readonly clock: Clock };

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

/** Reading the decision log; all but a look at one decision is recorded besides its access. */
export function auditRoutes(server: HttpServer, deps: AuditRoutesDeps): void {
  const { decisions, reads } = deps;
  tailRoutes(server, deps);
  countRoutes(server, deps);
  server.get(
    "/admin/decisions",
    { schema: { tags: ["audit"], querystring: DecisionQuery, response: { 200: DecisionPage } } },
    async (request) => {
      const { before: _, limit: __, ...filter } = request.query;
      const page = await searchDecisions(request.query, decisions);
      await reads.note({ by: requesterOf(request), action: "search decisions", filter }, page.decisions.length);
      return page;
    },
  );
  server.get(
    "/admin/decisions/records",
    { schema: { tags: ["audit"], querystring: RecordQuery, response: { 200: RecordPage } } },
    async (request) => {
      const { after: _, limit: __, ...filter } = request.query;
      const page = await listRecords(request.query, decisions);
      await reads.note({ by: requesterOf(request), action: "list records", filter }, page.records.length);
      return page;
    },
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

function countRoutes(server: HttpServer, { decisions, reads, clock }: AuditRoutesDeps): void {
  server.get(
    "/admin/decisions/facets",
    { schema: { tags: ["audit"], querystring: FacetQuery, response: { 200: FacetReply } } },
    async (request) => {
      const facets = await decisions.facets(request.query);
      await reads.note({ by: requesterOf(request), action: "count decisions", filter: request.query }, facets.total);
      return facets;
    },
  );
  server.get(
    "/admin/decisions/histogram",
    { schema: { tags: ["audit"], querystring: HistogramQuery, response: { 200: HistogramReply } } },
    async (request) => {
      const { buckets: _, ...filter } = request.query;
      const histogram = await decisions.histogram(request.query, clock.now());
      const total = histogram.buckets.reduce((sum, { allow, sanitize, deny }) => sum + allow + sanitize + deny, 0);
      await reads.note({ by: requesterOf(request), action: "count decisions", filter }, total);
      return histogram;
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
