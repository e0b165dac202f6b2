import { VivifiedError } from "@vivified/runtime";

/** What becomes of a message after an attempt to deliver it. */
export type Settlement =
  /** Delivered, or decided that it is not: it never comes again. */
  | { readonly kind: "done" }
  /** Comes again. `counts` says whether this was a try of the subscriber's. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly counts: boolean }
  /** Was tried often enough. */
  | { readonly kind: "dead_letter"; readonly reason: string };

export type RetrySchedule = {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** How often a subscriber is tried before the event is put aside for it. */
  readonly attempts: number;
  readonly random: () => number;
};

/** Ten tries over about eight minutes. */
export const defaultRetrySchedule: RetrySchedule = {
  firstDelayMs: 1_000,
  maxDelayMs: 300_000,
  attempts: 10,
  random: Math.random,
};

/** Exponential back-off with jitter: between half and all of the step's delay. `failures` counts from 1. */
export function retryDelayMs(failures: number, { firstDelayMs, maxDelayMs, random }: RetrySchedule): number {
  const stepMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(stepMs * (0.5 + random() / 2));
}

/**
 * What a failed attempt means. Only failures of the subscriber count: while it has no ready instance, or the gateway
 * itself cannot decide or record, the event waits without coming nearer to its end.
 */
export function settleFailure(error: unknown, earlierFailures: number, schedule: RetrySchedule): Settlement {
  const failures = earlierFailures + 1;
  const code = error instanceof VivifiedError ? error.code : "internal";
  if (code !== "target_failed" && code !== "target_timeout") {
    return { kind: "retry", delayMs: retryDelayMs(1, schedule), counts: false };
  }
  if (failures >= schedule.attempts) return { kind: "dead_letter", reason: code };
  return { kind: "retry", delayMs: retryDelayMs(failures, schedule), counts: true };
}
