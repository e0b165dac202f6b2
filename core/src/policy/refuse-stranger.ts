import { VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import { type BoundedRecords, changeRecord } from "../audit/index.ts";
import { actionOf } from "./judge-access.ts";

const reason = {
  rule: "admin.unauthenticated",
  message: "Whoever asked showed no access token that is valid",
  fix: "log in, and send the token as a bearer token",
};

/**
 * Records that somebody unknown asked for an `/admin` route, as far as the minute has room, and refuses them. Nothing of
 * the token is kept, and nothing of what a token says that is not valid.
 *
 * @throws whatever `error` is: VivifiedError `unauthenticated` 401, or what kept core from finding out
 */
export async function refuseStranger(error: unknown, request: FastifyRequest, record: BoundedRecords): Promise<never> {
  if (error instanceof VivifiedError && error.code === "unauthenticated") {
    const action = actionOf(request);
    const [, resource = ""] = action.split(" ");
    const token = request.headers.authorization === undefined ? "absent" : "refused";
    const labels = { address: request.ip, token };
    const told = { caller: "anonymous", entrypoint: "refused", action, resource, trace: request.trace } as const;
    await record(changeRecord({ ...told, reason, labels }), request.ip);
  }
  throw error;
}
