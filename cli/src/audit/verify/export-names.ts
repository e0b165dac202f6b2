import { mostEvidence } from "@vivified/contracts";
import { parseTilePath } from "@vivified/tlog";

export const manifestName = "manifest.json";
export const checkpointName = "checkpoint";
export const recordsName = "records.ndjson";

const kibibyte = 1024;

/** A place is a number of up to sixteen digits on a line of its own. */
const manifestBytes = 64 * kibibyte + mostEvidence * 24;

/** The most bytes that a file of this name can rightly have, or undefined when an export has no such file. */
export function maxBytesOf(name: string): number | undefined {
  if (name === manifestName) return manifestBytes;
  if (name === checkpointName) return 1_000_000;
  if (name === recordsName) return Number.POSITIVE_INFINITY;
  const tile = parseTilePath(name);
  if (tile === undefined) return undefined;
  return tile.width * (tile.level === "entries" ? 2 + 65_535 : 32);
}
