/** W3C Trace Context, version 00 (https://www.w3.org/TR/trace-context/). `traceId` 32 and `spanId` 16 lowercase hex digits. */
export type TraceContext = { readonly traceId: string; readonly spanId: string; readonly sampled: boolean };

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a `traceparent` header; anything malformed, or all zeroes, counts as absent (spec §2.2.2). */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const [, traceId = "", spanId = "", flags = ""] = traceparent.exec(header ?? "") ?? [];
  if (traceId === "" || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? "01" : "00"}`;
}
