import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { TraceContext } from "@vivified/contracts";

export type { TraceContext };

const handling = new AsyncLocalStorage<TraceContext>();
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const allZeroes = /^0+$/;

/** Runs `work` as part of a trace: every call that it makes to the platform continues it. */
export function withTrace<T>(trace: TraceContext, work: () => T): T {
  return handling.run(trace, work);
}

/** Runs `work` as the root of a trace of its own: for what a plugin does by itself. */
export function inNewTrace<T>(work: (trace: TraceContext) => T): T {
  const trace = newTrace();
  return withTrace(trace, () => work(trace));
}

/** The trace of the request or event that is being handled here, if any. */
export function currentTrace(): TraceContext | undefined {
  return handling.getStore();
}

/** A span below the current one, or the root of a new trace. */
export function nextSpan(): TraceContext {
  const parent = currentTrace();
  return parent ? { ...parent, spanId: randomBytes(8).toString("hex") } : newTrace();
}

export function newTrace(): TraceContext {
  return { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), sampled: true };
}

/** Reads a `traceparent` header (W3C Trace Context §3.2); malformed or all zeroes counts as absent. */
export function readTraceparent(header: string | undefined): TraceContext | undefined {
  const [, traceId = "0", spanId = "0", flags = "0"] = traceparent.exec(header ?? "") ?? [];
  if (allZeroes.test(traceId) || allZeroes.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(trace: TraceContext): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}
