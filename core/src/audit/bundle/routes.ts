import { Readable } from "node:stream";
import { BundleQuery, type ExportManifest } from "@vivified/contracts";
import type { Clock, HttpServer } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import { requesterOf } from "../../policy/index.ts";
import type { DecisionStore } from "../decision-store.ts";
import { exportRecord } from "../export/export-record.ts";
import { whileAllowed } from "../export/while-allowed.ts";
import { logRecords } from "../log-records.postgres.ts";
import { bundleLines } from "./bundle-lines.ts";
import { asksForTime, bundleRange } from "./bundle-range.ts";
import { requireTold } from "./require-told.postgres.ts";
import { publishedCheckpoint, type SignedLog } from "./signed-log.ts";
import { writeBundle } from "./write-bundle.ts";

export type BundleRoutesDeps = {
  readonly db: Db;
  readonly decisions: Pick<DecisionStore, "append">;
  readonly clock: Clock;
  readonly signedLog: SignedLog;
};

const gzip = "application/gzip";

/** Signed exports: a stretch of the log with what shows that it is the log's, for `vivified audit verify`. */
export function bundleRoutes(server: HttpServer, { db, decisions, clock, signedLog }: BundleRoutesDeps): void {
  const schema = { tags: ["audit"], querystring: BundleQuery, produces: [gzip] };
  server.get("/admin/audit/bundle", { schema }, async (request, reply) => {
    const { query } = request;
    const published = await publishedCheckpoint(signedLog);
    const { origin, size } = published.checkpoint;
    const range = await bundleRange(query, size, db);
    const told = () => requireTold(range, size, db);
    await told();
    await decisions.append([exportRecord("bundle", { ...query, ...stretch(range) }, requesterOf(request))]);
    const { compare, ...asked } = query;
    const filter = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)]));
    const made_at = clock.now().toISOString();
    const evidence = [...range.evidence];
    const manifest: ExportManifest = {
      ...{ format: "vivified-audit-export/v1", origin, size },
      ...{ ...stretch(range), evidence, made_at, filter },
    };
    const lines = () => bundleLines(range, logRecords(db));
    const mayStill = async () => (await request.mayStill?.("may have ended")) === true;
    const archive = writeBundle({
      manifest,
      published,
      log: signedLog,
      ...{ lines, told },
      timed: asksForTime(query),
      ...(compare !== undefined && { compare }),
    });
    return reply
      .type(gzip)
      .header("content-disposition", `attachment; filename="audit-${range.from}-${range.to}.tar.gz"`)
      .send(Readable.from(whileAllowed(archive, mayStill), { objectMode: false }));
  });
}

const stretch = ({ from, to }: { readonly from: number; readonly to: number }) => ({ from, to });
