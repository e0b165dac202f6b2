import { FaultPage, FaultQuery, WholeFaultyBlock } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import type { Db } from "../../database/open-database.ts";
import { findFaultyBlock, listFaultyBlocks } from "./faulty-blocks.postgres.ts";

export type FaultRoutesDeps = { readonly db: Db };

/** What `audit.chain_broken` tells of, whole: for whoever has to find out who wrote it. */
export function faultRoutes(server: HttpServer, { db }: FaultRoutesDeps): void {
  server.get(
    "/admin/audit/faults",
    { schema: { tags: ["audit"], querystring: FaultQuery, response: { 200: FaultPage } } },
    (request) => listFaultyBlocks(request.query, db),
  );
  server.get(
    "/admin/audit/faults/:sequence",
    {
      schema: {
        tags: ["audit"],
        params: Type.Object({ sequence: Type.String({ pattern: "^[0-9]{1,15}$" }) }),
        response: { 200: WholeFaultyBlock },
      },
    },
    async (request) => {
      const found = await findFaultyBlock(Number(request.params.sequence), db);
      if (found === undefined) throw new VivifiedError("not_found", { detail: "no such block has a fault" });
      return found;
    },
  );
}
