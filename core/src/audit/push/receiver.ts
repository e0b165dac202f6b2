import type { PlacedRecord } from "../log-records.ts";

/**
 * What a receiver's answer means. `refused`: it will never take these; `unavailable`: it may later, in `retryAfterMs` at
 * the earliest when it says so.
 */
export type PushAnswer =
  | { readonly outcome: "taken" }
  | { readonly outcome: "refused"; readonly status: number; readonly detail: string }
  | { readonly outcome: "unavailable"; readonly detail: string; readonly retryAfterMs?: number };

/** Records as a receiver reads them, gzipped. */
export type PushChunk = { readonly count: number; readonly body: Buffer };

/** Whoever gets the log: how it wants records, and how large a gzipped request may be. */
export type Receiver = {
  /** Kind and address, without query: `opa https://logs.example/logs`. */
  readonly name: string;
  readonly kind: "opa" | "otlp";
  readonly maxBytes: number;
  /** The JSON text of a request. */
  readonly encode: (records: readonly PlacedRecord[]) => string;
  readonly send: (chunk: PushChunk, signal: AbortSignal) => Promise<PushAnswer>;
};
