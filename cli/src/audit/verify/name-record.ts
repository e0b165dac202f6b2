import { tileWidth } from "@vivified/tlog";
import type { Finding } from "./finding.ts";
import { soundBundle } from "./sound-bundle.ts";
import type { TileFiles } from "./verify-tiles.ts";

/** A finding about a place, with the id and time of its record when the export has the log's entry for it. */
export async function nameRecord(finding: Finding, size: number, tiles: TileFiles): Promise<Finding> {
  const { index } = finding;
  if (index === undefined || index >= size) return finding;
  const entries = await soundBundle(Math.floor(index / tileWidth), size, tiles);
  const entry = entries?.find((one) => one.index === index);
  return entry === undefined ? finding : { ...finding, id: entry.id, timestamp: entry.timestamp };
}
