import { type ErrorCode, errorCodes, type Problem, problemType } from "@vivified/contracts";
import { VivifiedError } from "./vivified-error.ts";

/** The problem document of a code, before anything particular is added (RFC 9457 §3). */
export function problemOf(code: ErrorCode, extra: Partial<Problem> = {}): Problem {
  const { status, title, retryable } = errorCodes[code];
  return { type: problemType(code), title, status, code, retryable, ...extra };
}

/**
 * What leaves for an error. Anything that is not a `VivifiedError` becomes `internal` and says nothing else; so does the
 * detail of any 500.
 */
export function toProblem(error: unknown, traceId?: string): Problem {
  const trace = traceId === undefined ? {} : { trace_id: traceId };
  if (!(error instanceof VivifiedError)) return problemOf("internal", trace);
  const detail = error.detail === undefined || error.status === 500 ? {} : { detail: error.detail };
  return problemOf(error.code, { ...detail, ...error.extra, ...trace });
}
