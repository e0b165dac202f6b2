import type { ErrorCode, Problem } from "@vivified/contracts";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toProblem } from "../errors/to-problem.ts";
import { VivifiedError } from "../errors/vivified-error.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The problem that it is answered with. */
    problem: Problem | undefined;
  }
}

/**
 * The one place that turns errors into answers (RFC 9457), with `Retry-After` where the error knows it; what was not
 * expected is logged here and only here.
 */
export function answerWithProblems(server: FastifyInstance): void {
  server.decorateRequest("problem", undefined);
  server.setErrorHandler((error: unknown, request, reply) => sendError(error, request, reply));
  server.setNotFoundHandler((request, reply) => sendError(new VivifiedError("not_found"), request, reply));
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = fromFastify(error);
  if (!(known instanceof VivifiedError) || known.status === 500) request.log.error({ err: error }, "request failed");
  else if (known.status > 500) request.log.warn({ err: error, code: known.code }, "request refused");
  // Closing on a sender that is still sending resets the connection, and the answer is lost; the rest is read and dropped.
  if (known instanceof VivifiedError && known.code === "too_large") reply.removeHeader("connection");
  if (known instanceof VivifiedError && known.retryAfterSeconds !== undefined) {
    reply.header("retry-after", String(known.retryAfterSeconds));
  }
  return sendProblem(reply, toProblem(known, request.trace?.traceId));
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.request.problem = problem;
  return reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

const codes: { readonly [fastify: string]: ErrorCode } = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_BODY_TOO_LARGE: "too_large",
  FST_ERR_CTP_EMPTY_JSON_BODY: "malformed",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "malformed",
  FST_ERR_BAD_URL: "malformed",
  FST_ERR_MAX_PARAM_LENGTH: "malformed",
};

function fromFastify(error: unknown): unknown {
  if (!isFastifyError(error)) return error;
  if (error.validation !== undefined) return invalid(error);
  const code = codes[error.code];
  return code === undefined ? error : new VivifiedError(code, { cause: error });
}

function isFastifyError(error: unknown): error is FastifyError {
  return (
    error instanceof Error && ("validation" in error || ("code" in error && String(error.code).startsWith("FST_")))
  );
}

/** Schema violations, all of them, each with the place (JSON Pointer) and Ajv's sentence; never the value. */
function invalid(error: FastifyError): VivifiedError {
  const part = error.validationContext ?? "body";
  const violations = (error.validation ?? []).map((fault) => ({
    pointer: `${part === "body" ? "" : `#${part}`}${fault.instancePath}${property(fault.params)}`,
    message: fault.message ?? "is not valid",
  }));
  return new VivifiedError("invalid", { detail: `the ${part} breaks its schema`, extra: { violations } });
}

function property(params: Record<string, unknown>): string {
  const name = params.additionalProperty ?? params.missingProperty;
  return typeof name === "string" ? `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
}
