import { sendProblem } from "@vivified/runtime";
import type { FastifyReply } from "fastify";
import type { Denial } from "../pep/permit.ts";
import { renderDenial } from "../pep/render-denial.ts";

/** Answers with a denial (RFC 9457); one that passes says when (`Retry-After`). */
export function sendDenial(reply: FastifyReply, denial: Denial, traceId: string): FastifyReply {
  if (denial.retryAfterSeconds !== undefined) reply.header("retry-after", String(denial.retryAfterSeconds));
  return sendProblem(reply, renderDenial(denial, traceId));
}
