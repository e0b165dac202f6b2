import { CheckpointPage, CheckpointQuery, RecordProofs } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import { Type } from "typebox";
import { listCheckpoints } from "./list-checkpoints.ts";
import type { LogIdentity } from "./log-identity.ts";
import type { LogStorage } from "./log-storage.ts";
import type { LogStore } from "./log-store.ts";
import { proveRecord } from "./prove-record.ts";
import { cosignedNote } from "./publish-checkpoint.ts";
import { readLogFile } from "./read-log-file.ts";

export type TransparencyRoutesDeps = {
  readonly transparency: {
    readonly store: LogStore;
    readonly storage: LogStorage;
    readonly identity: LogIdentity;
  };
};

const tags = ["audit"];

/** The log as tlog-tiles has it, below the prefix `/admin/audit/log`, and proofs. */
export function transparencyRoutes(server: HttpServer, { transparency }: TransparencyRoutesDeps): void {
  const { store } = transparency;
  server.get("/admin/audit/log/checkpoint", { schema: { tags } }, async (_, reply) => {
    const newest = await store.newest();
    if (newest === undefined) throw new VivifiedError("not_found", { detail: "nothing has been signed yet" });
    reply.header("cache-control", "no-cache").type("text/plain; charset=utf-8");
    return reply.send(await cosignedNote(newest, store));
  });
  server.get(
    "/admin/audit/log/tile/*",
    { schema: { tags, params: Type.Object({ "*": Type.String({ maxLength: 128 }) }) } },
    async (request, reply) => {
      const bytes = await readLogFile(`tile/${request.params["*"]}`, transparency);
      reply.header("cache-control", "private, max-age=31536000, immutable").type("application/octet-stream");
      return reply.send(Buffer.from(bytes));
    },
  );
  proofRoutes(server, transparency);
}

function proofRoutes(server: HttpServer, transparency: TransparencyRoutesDeps["transparency"]): void {
  server.get(
    "/admin/audit/checkpoints",
    { schema: { tags, querystring: CheckpointQuery, response: { 200: CheckpointPage } } },
    (request) => listCheckpoints(request.query, transparency),
  );
  server.get(
    "/admin/audit/proofs/:id",
    {
      schema: {
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: RecordProofs },
      },
    },
    (request) => proveRecord(request.params.id, transparency),
  );
}
