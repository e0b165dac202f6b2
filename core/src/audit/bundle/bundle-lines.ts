import { canonicalRecord, logLine } from "@vivified/contracts";
import type { LogRecords, PlacedRecord } from "../log-records.ts";
import type { BundleRange } from "./bundle-range.ts";

const placesPerPage = 500;

/** The lines of `records.ndjson`, some hundred at a time: of the stretch, then of the evidence behind it. */
export async function* bundleLines({ from, to, evidence }: BundleRange, records: LogRecords): AsyncGenerator<Buffer> {
  for (let at = from; at < to; at += placesPerPage) {
    yield* linesOf((await records.read(at, Math.min(placesPerPage, to - at))).records);
  }
  for (let at = 0; at < evidence.length; at += placesPerPage) {
    yield* linesOf(await records.readAt(evidence.slice(at, at + placesPerPage)));
  }
}

function* linesOf(records: readonly PlacedRecord[]): Generator<Buffer> {
  const text = records.map(({ logIndex, record }) => `${logLine(logIndex, canonicalRecord(record))}\n`).join("");
  if (text !== "") yield Buffer.from(text);
}
