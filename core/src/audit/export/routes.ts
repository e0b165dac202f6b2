import { Readable } from "node:stream";
import { ExportQuery } from "@vivified/contracts";
import type { Clock, HttpServer } from "@vivified/runtime";
import { requesterOf } from "../../policy/index.ts";
import type { DecisionStore } from "../decision-store.ts";
import { exportLines } from "./export-lines.ts";
import { exportRecord } from "./export-record.ts";
import { whileAllowed } from "./while-allowed.ts";

export type ExportRoutesDeps = {
  readonly decisions: Pick<DecisionStore, "append" | "search">;
  readonly clock: Clock;
};

const lines = "application/x-ndjson";
const types = { ndjson: lines, csv: "text/csv; charset=utf-8; header=present", opa: lines } as const;
const endings = { ndjson: "ndjson", csv: "csv", opa: "opa.ndjson" } as const;

/**
 * The log as a stream: a slow reader slows the reading of the database, nothing gathers here. An answer that breaks off
 * ends without its last chunk, so that nobody takes a part for the whole.
 */
export function exportRoutes(server: HttpServer, { decisions, clock }: ExportRoutesDeps): void {
  const schema = { tags: ["audit"], querystring: ExportQuery, produces: [...new Set(Object.values(types))] };
  server.get("/admin/audit/export", { schema }, async (request, reply) => {
    const { format, ...asked } = request.query;
    const filter = { ...asked, until: asked.until ?? clock.now().toISOString() };
    await decisions.append([exportRecord(format, filter, requesterOf(request))]);
    const mayStill = async () => (await request.mayStill?.("may have ended")) === true;
    const found = whileAllowed(exportLines({ format, filter }, decisions), mayStill);
    return reply
      .type(types[format])
      .header("content-disposition", `attachment; filename="decisions.${endings[format]}"`)
      .send(Readable.from(found, { objectMode: false }));
  });
}
