import type { HttpServer } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import type { Stores } from "../stores.ts";
import { failureRecord } from "./failure-record.ts";
import { actionOf } from "./judge-access.ts";

/**
 * Records, before it is answered, that an administrator's change did not happen although policy let it: what it was
 * answered with. A change that did happen wrote its own record in its transaction. Where this cannot be recorded, because
 * the database is what is away, the process log has it, and the answer stays what it is.
 */
export function recordFailures(server: HttpServer, { decisions }: Pick<Stores, "decisions">): void {
  server.addHook("onSend", async (request) => {
    const { requester, problem } = request;
    if (requester === undefined || problem === undefined || onlyReads(request)) return;
    await decisions.append([failureRecord(requester, actionOf(request), problem)]).catch((err: unknown) => {
      const { code } = problem;
      request.log.error({ err, code, decision_id: requester.parentId }, "a failed change could not be recorded");
    });
  });
}

const onlyReads = ({ method }: FastifyRequest): boolean => method === "GET" || method === "HEAD";
