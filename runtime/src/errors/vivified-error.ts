import { type ErrorCode, errorCodes, type Problem } from "@vivified/contracts";

export type ErrorOptions = {
  /** Said to the caller. Left out for anything that is nobody else's business. */
  readonly detail?: string;
  /** More members of the problem document, also public. */
  readonly extra?: Partial<Problem>;
  /** When the same request may succeed, if that is known: whole seconds from now, for `Retry-After` (RFC 9110 §10.2.3). */
  readonly retryAfterSeconds?: number;
  /** For the log only. */
  readonly cause?: unknown;
};

/** A failure with a code from the one table (`errorCodes`); its `detail` may leave, its `cause` never does. */
export class VivifiedError extends Error {
  override readonly name = "VivifiedError";
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly extra: Partial<Problem>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.extra = options.extra ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}
