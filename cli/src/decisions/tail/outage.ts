import { setTimeout as sleep } from "node:timers/promises";
import { errors } from "undici";
import { AdminApiError } from "../../platform/admin-api-error.ts";

/** A stretch in which core cannot be reached, and what to do meanwhile. */
export type Outage = {
  /** Tells the first failure of a stretch, and resolves when it is time to try again. @throws what does not pass by itself */
  readonly failed: (error: unknown) => Promise<void>;
  /** Core answers: told when it did not before. */
  readonly over: () => void;
};

const firstWaitMs = 250;
const longestWaitMs = 30_000;

/** @param tell says one line to people */
export function outage(tell: (line: string) => void): Outage {
  let failures = 0;
  return {
    failed: async (error) => {
      if (!passes(error)) throw error;
      if (failures === 0) tell(`core cannot be followed: ${reasonOf(error)}; trying again`);
      await sleep(waitMs(failures));
      failures += 1;
    },
    over: () => {
      if (failures > 0) tell("core is followed again, from where it was");
      failures = 0;
    },
  };
}

/** Twice as long each time, and half of it by chance: whom one outage threw out do not all come back at once. */
function waitMs(failures: number): number {
  const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 10));
  return longest / 2 + (Math.random() * longest) / 2;
}

/** Too many at once, a fault of the server, or a connection that failed; not a refusal, and no fault of ours. */
function passes(error: unknown): boolean {
  if (error instanceof AdminApiError) return error.status === 429 || error.status >= 500;
  if (!(error instanceof Error)) return false;
  // An answer that breaks off in the middle is no HTTP, and has no code.
  if (error.name === "TimeoutError" || error instanceof errors.HTTPParserError) return true;
  return "code" in error && typeof error.code === "string";
}

/** A connection that failed at several addresses has no words of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
