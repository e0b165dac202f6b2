import { randomBytes } from "node:crypto";
import type { TraceContext } from "@vivified/contracts";

/** A trace that begins here. */
export function newTrace(): TraceContext {
  return { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), sampled: true };
}

/** The next span of a trace: same trace id, new span id. */
export function childSpan(trace: Pick<TraceContext, "traceId"> & { sampled?: boolean }): TraceContext {
  return { traceId: trace.traceId, spanId: randomBytes(8).toString("hex"), sampled: trace.sampled ?? true };
}
