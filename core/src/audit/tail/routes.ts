import { Readable } from "node:stream";
import { TailQuery, tailHeartbeatMs } from "@vivified/contracts";
import { type HttpServer, VivifiedError } from "@vivified/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { requesterOf } from "../../policy/index.ts";
import type { DecisionStore } from "../decision-store.ts";
import { type Reading, readRecord } from "../reading/read-record.ts";
import { type TailProgress, tailLines } from "./tail-lines.ts";
import type { TailSource } from "./tail-source.ts";
import { takenInTime } from "./taken-in-time.ts";
import { wantedRows } from "./wanted-rows.ts";

export type TailRoutesDeps = {
  readonly db: Kysely<Tables>;
  readonly tails: TailSource;
  readonly decisions: DecisionStore;
};

/** How long a reader may leave a piece untaken. */
const slowReaderMs = 3 * tailHeartbeatMs;

/**
 * `GET /admin/decisions/tail`: decisions as they come, as server-sent events. `Last-Event-ID` resumes behind a place, without
 * a gap and without telling anything twice. Opening and closing are recorded, what is seen in between is not.
 */
export function tailRoutes(server: HttpServer, deps: TailRoutesDeps): void {
  server.addHook("preClose", async () => deps.tails.stop());
  server.get(
    "/admin/decisions/tail",
    { schema: { tags: ["audit"], querystring: TailQuery, produces: ["text/event-stream"] } },
    async (request, reply) => {
      const asked = placeIn(request);
      const reading: Reading = { by: requesterOf(request), action: "tail decisions", filter: request.query };
      const gone = goneWith(reply, await deps.tails.open());
      const after = Math.min(asked ?? Number.POSITIVE_INFINITY, await deps.tails.end());
      await deps.decisions.append([readRecord("opened", reading, { after })]);
      const mayStill = async () => (await request.mayStill?.("counts")) === true;
      const lines = recorded({ deps, reading, after, gone, mayStill }, request.query);
      reply.headers({ "cache-control": "no-store", "x-accel-buffering": "no", connection: "close" });
      const taken = takenInTime(lines, { cutOff: () => reply.raw.destroy(), timeoutMs: slowReaderMs });
      return reply.type("text/event-stream").send(Readable.from(taken, { objectMode: false, highWaterMark: 1 }));
    },
  );
}

/** Gives the seat back when the reader is gone, and tells. */
function goneWith(reply: FastifyReply, leave: () => void): AbortSignal {
  const gone = new AbortController();
  const go = () => {
    leave();
    gone.abort();
  };
  if (reply.raw.closed)
    go(); // while the seat was waited for
  else reply.raw.once("close", go);
  return gone.signal;
}

type Opened = {
  readonly deps: TailRoutesDeps;
  readonly reading: Reading;
  readonly after: number;
  readonly gone: AbortSignal;
  readonly mayStill: () => Promise<boolean>;
};

/** The lines, and when they end the record of what the reader was given. */
async function* recorded({ deps, reading, after, gone, mayStill }: Opened, query: TailQuery): AsyncGenerator<string> {
  let progress: TailProgress = { after, decisions: 0 };
  const sent = (latest: TailProgress) => {
    progress = latest;
  };
  try {
    yield* tailLines({ source: deps.tails, wanted: wantedRows(deps.db, query), after, gone, mayStill, sent });
  } finally {
    await deps.decisions.append([readRecord("closed", reading, progress)]);
  }
}

/** @throws VivifiedError `invalid` for a `Last-Event-ID` that is no place in a log */
function placeIn(request: FastifyRequest): number | undefined {
  const id = request.headers["last-event-id"];
  if (id === undefined) return undefined;
  if (typeof id === "string" && /^(-1|\d{1,15})$/.test(id)) return Number(id);
  const violations = [{ pointer: "#headers/last-event-id", message: "is not a place in the log" }];
  throw new VivifiedError("invalid", { extra: { violations } });
}
