import { VivifiedError } from "@vivified/runtime";

/** The log is not what was signed before: nothing more may be signed until somebody has looked. */
export function logInconsistency(detail: string): VivifiedError {
  return new VivifiedError("log_inconsistent", { detail });
}
