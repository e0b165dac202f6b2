import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { formatTraceparent, nextSpan } from "../trace.ts";
import { UnavailableError } from "./lane-error.ts";
import { type LaneReply, readFailure } from "./read-failure.ts";

/** The part of `fetch` that the SDK needs. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

export type CallOptions = {
  /** Makes repeated requests with the same key one action. */
  readonly idempotencyKey?: string;
  /** How long to wait for an answer; default 35 s, a little more than the platform's own limit. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type LaneRequest = CallOptions & {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Sends one request over the plugin's lane and answers with the JSON that came back, or undefined for an empty reply. */
export type Lane = (request: LaneRequest) => Promise<JsonObject | undefined>;

const defaultTimeoutMs = 35_000;
const userAgent = "vivified-sdk-typescript/0.1.0";

/**
 * The way to the platform: the plugin's own Envoy, and nothing else. Every request continues the trace of what is being
 * handled. The answer of a request is a value or one of the five kinds of {@link LaneError}.
 */
export function openLane(laneUrl: string, fetch: Fetch): Lane {
  const base = new URL(laneUrl).origin;
  return async (request) => {
    const trace = nextSpan();
    const headers = { ...headersOf(request), traceparent: formatTraceparent(trace) };
    const reply = await send(fetch, `${base}${request.path}`, { request, headers, traceId: trace.traceId });
    if (reply.status >= 400) throw readFailure(reply, trace.traceId);
    return readBody(reply, trace.traceId);
  };
}

type Sending = { request: LaneRequest; headers: Record<string, string>; traceId: string };

async function send(fetch: Fetch, url: string, { request, headers, traceId }: Sending): Promise<LaneReply> {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? defaultTimeoutMs);
  const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
  const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
  try {
    const reply = await fetch(url, { method: request.method, headers, redirect: "manual", signal, ...body });
    const mediaType = reply.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    return { status: reply.status, mediaType, text: await reply.text() };
  } catch (cause) {
    throw noReply(cause, timeout.aborted, traceId);
  }
}

function headersOf({ headers, body, idempotencyKey }: LaneRequest): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    "user-agent": userAgent,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...headers,
  };
}

/** Whether a request without a reply was carried out is not known, unless there was nobody to send it to. */
function noReply(cause: unknown, timedOut: boolean, traceId: string): UnavailableError {
  const code = timedOut ? "lane_timeout" : "lane_unreachable";
  const message = timedOut ? "the platform did not answer in time" : "the lane cannot be reached";
  return new UnavailableError(
    { code, status: 0, message, origin: "platform", retryable: isUnsent(cause), traceId },
    { cause },
  );
}

/** `fetch` wraps what the system said. */
function isUnsent(cause: unknown): boolean {
  const { cause: said } = cause instanceof Error ? cause : {};
  const code = said instanceof Error && "code" in said ? said.code : undefined;
  return code === "ECONNREFUSED" || code === "UND_ERR_CONNECT_TIMEOUT";
}

function readBody(reply: LaneReply, traceId: string): JsonObject | undefined {
  if (reply.status === 204 || reply.text === "") return undefined;
  const body: JsonValue | undefined = reply.mediaType === "application/json" ? parseJson(reply.text) : undefined;
  if (reply.status < 300 && isJsonObject(body)) return body;
  const message = "the lane answered with something that is not a JSON object";
  const { status } = reply;
  throw new UnavailableError({
    code: "unexpected_reply",
    status,
    message,
    origin: "platform",
    retryable: false,
    executed: true,
    traceId,
  });
}
