import type { ErrorCode } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

const codes: ReadonlySet<ErrorCode> = new Set(["malformed", "too_deep", "too_large"]);

/** Whether judging failed because of what was to be judged: it cannot be described or recorded, now or later. */
export function isUnjudgeable(error: unknown): boolean {
  return error instanceof VivifiedError && codes.has(error.code);
}
