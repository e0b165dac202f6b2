import type { RecordQuery } from "@vivified/contracts";
import { timeOf } from "../../core/time-of.ts";
import type { LazyCore } from "./lazy-core.ts";
import { recordsOfCore, recordsOfFile } from "./records.ts";

/** Which logged decisions: those in a file, or those that core keeps between two times. */
export type TrafficOptions = {
  readonly file?: string;
  readonly since?: string;
  readonly until?: string;
  readonly entrypoint?: string;
};

/** Logged decisions, one after the other. @throws Error for a time that is none */
export async function traffic(options: TrafficOptions, { core }: LazyCore): Promise<AsyncIterable<unknown>> {
  const { file, since, until, entrypoint } = options;
  if (file !== undefined && (since ?? until) !== undefined)
    throw new Error("--file holds all its records: no --since or --until");
  if (file !== undefined) return ofEntrypoint(recordsOfFile(file), entrypoint);
  const query: RecordQuery = {
    ...(since !== undefined && { since: timeOf(since) }),
    ...(until !== undefined && { until: timeOf(until) }),
    ...(entrypoint !== undefined && { entrypoint }),
  };
  return recordsOfCore(await core(), query);
}

async function* ofEntrypoint(records: AsyncIterable<unknown>, entrypoint: string | undefined): AsyncGenerator<unknown> {
  for await (const record of records) {
    const other = isRecord(record) && typeof record.entrypoint === "string" && record.entrypoint !== entrypoint;
    if (entrypoint === undefined || !other) yield record;
  }
}

const isRecord = (value: unknown): value is { readonly entrypoint?: unknown } =>
  typeof value === "object" && value !== null;
