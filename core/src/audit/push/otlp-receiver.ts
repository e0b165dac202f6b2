import { otlpLogs } from "./otlp-logs.ts";
import { type PushHttp, postChunk } from "./post-chunk.ts";
import type { PushAnswer, Receiver } from "./receiver.ts";

/**
 * An OpenTelemetry collector over OTLP/HTTP (JSON): `POST <url>/v1/logs`. A partial success says how many log records it
 * would not take, not which: that is a refusal, which is narrowed down to the record as any other.
 */
export function otlpReceiver(http: PushHttp, maxBytes: number): Receiver {
  const url = new URL(http.url);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/logs`;
  return {
    name: `otlp ${url.origin}${url.pathname}`,
    kind: "otlp",
    maxBytes,
    encode: (records) => JSON.stringify(otlpLogs(records)),
    send: ({ body }, signal) => postChunk({ ...http, url }, { body, signal, read: partialSuccess }),
  };
}

function partialSuccess(text: string): PushAnswer {
  const { partialSuccess: part } = parsed(text);
  if (Number(part?.rejectedLogRecords ?? 0) <= 0) return { outcome: "taken" };
  return { outcome: "refused", status: 200, detail: String(part?.errorMessage ?? "partial success").slice(0, 200) };
}

type Answer = { readonly partialSuccess?: { readonly rejectedLogRecords?: unknown; readonly errorMessage?: unknown } };

function parsed(text: string): Answer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
