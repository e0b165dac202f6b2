import type { RecordQuery } from "@vivified/contracts";
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

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time, or how long ago: `30m`, `24h`, `7d`. */
function timeOf(text: string): string {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(count) * units[unit as keyof typeof units];
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new Error(`${text} is no time: give one as 2026-11-26T12:00:00Z, or how long ago, as 24h`);
}
