import type { ErrorCode, Reason } from "@vivified/contracts";

/** What the SDK itself reports when the lane gave no answer that it could read. */
export type TransportCode = "lane_unreachable" | "lane_timeout" | "unexpected_reply";

/** Who said no: the platform (policy, gateway, core), or the plugin that was called. */
export type Origin = "platform" | "target";

export type LaneFailure = {
  /** One of the platform's error codes, the SDK's own, or the word of the target in its own reply. */
  readonly code: ErrorCode | TransportCode | (string & {});
  /** HTTP status; 0 when there was no reply. */
  readonly status: number;
  readonly message: string;
  readonly origin: Origin;
  /** May the very same request succeed later? */
  readonly retryable: boolean;
  /** Did the action take place although this is a failure? Undefined: it did not, as far as anyone knows. */
  readonly executed?: boolean | undefined;
  readonly decisionId?: string | undefined;
  /** Why policy said no, and what would have to change. */
  readonly reasons?: readonly Reason[] | undefined;
  readonly traceId?: string | undefined;
  /** What the target or outside service answered, where that may be known. */
  readonly upstreamStatus?: number | undefined;
};

/** What every failed call of the client is; catch one of its five kinds. */
export abstract class LaneError extends Error {
  readonly code: LaneFailure["code"];
  readonly status: number;
  readonly origin: Origin;
  readonly retryable: boolean;
  readonly executed: boolean | undefined;
  readonly decisionId: string | undefined;
  readonly reasons: readonly Reason[];
  readonly traceId: string | undefined;
  readonly upstreamStatus: number | undefined;

  constructor(failure: LaneFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = new.target.name;
    this.code = failure.code;
    this.status = failure.status;
    this.origin = failure.origin;
    this.retryable = failure.retryable;
    this.executed = failure.executed;
    this.decisionId = failure.decisionId;
    this.reasons = failure.reasons ?? [];
    this.traceId = failure.traceId;
    this.upstreamStatus = failure.upstreamStatus;
  }
}

/** 401: the platform does not know who is calling. */
export class AuthenticationError extends LaneError {}
/** 403: policy denies it (`reasons` say why), or withholds the reply of something that was done (`executed`). */
export class DeniedError extends LaneError {}
/** 404: there is no such thing, or this plugin may not know of it. */
export class NotFoundError extends LaneError {}
/** Not now: no answer, timeout, rate limit, or a failure behind the lane. `retryable` says whether to try again. */
export class UnavailableError extends LaneError {}
/** The request itself is wrong: malformed, too large, breaks a schema, or conflicts with the current state. */
export class InvalidError extends LaneError {}

/** The kind of error that a status stands for. */
export function laneErrorOf(failure: LaneFailure): LaneError {
  const { status } = failure;
  if (status === 401) return new AuthenticationError(failure);
  if (status === 403) return new DeniedError(failure);
  if (status === 404) return new NotFoundError(failure);
  if (status === 429 || status >= 500) return new UnavailableError(failure);
  return new InvalidError(failure);
}
