import { VivifiedError } from "@vivified/runtime";

/** A failure of an effect, saying whether the same request may be made again: only when doing it twice is doing it once. */
export function tellWhetherAgain(error: unknown, effect: { readonly idempotent: boolean }): unknown {
  if (!(error instanceof VivifiedError)) return error;
  const { code, detail, cause } = error;
  const extra = { ...error.extra, retryable: effect.idempotent && error.retryable };
  return new VivifiedError(code, detail === undefined ? { extra, cause } : { detail, extra, cause });
}
