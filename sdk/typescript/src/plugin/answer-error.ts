import { CallTokenError, KeysUnavailableError } from "./call-token.ts";
import type { Answer } from "./handle-request.ts";
import { BodyError } from "./read-body.ts";
import { Refusal, refusalStatus } from "./refusal.ts";

/** What the gateway gets to see of an error: refusals in their own words, everything else as a bare 500. */
export function answerError(error: unknown): Answer {
  if (error instanceof CallTokenError) return { status: 401, body: { error: "unauthenticated" } };
  if (error instanceof KeysUnavailableError) return { status: 503, body: { error: "unavailable" } };
  if (error instanceof BodyError) return { status: error.status, body: { error: error.code } };
  if (!(error instanceof Refusal)) return { status: 500, body: { error: "internal" } };
  return { status: refusalStatus[error.code], body: { error: error.code, message: error.message } };
}
