import { InvalidArgumentError } from "commander";

const instant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * A moment in milliseconds since 1970, the same whenever it is asked for: an export of the last hour is verified as one of
 * the time that this was.
 *
 * @throws InvalidArgumentError for none, and for one in relation to now
 */
export function instantOf(text: string): number {
  const ms = instant.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError(
    "it is a time as 2026-11-26T12:00:00Z; the export's manifest.json has the one that you asked for.",
  );
}
