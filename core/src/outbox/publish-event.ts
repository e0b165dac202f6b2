import { formatTraceparent, isJsonObject, type PublishRequest } from "@vivified/contracts";
import { childSpan, VivifiedError } from "@vivified/runtime";
import { type Dispatcher, request } from "undici";
import type { Waiting } from "./outbox-store.ts";

export type PublishEventDeps = {
  readonly gatewayUrl: string;
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
};

/** The gateway's answer was no, and will be again. `code` is its problem's, or `http_<status>`. */
export class PublishRefused extends Error {
  override readonly name = "PublishRefused";
  readonly code: string;

  constructor(code: string) {
    super(`the gateway refused the event: ${code}`);
    this.code = code;
  }
}

/**
 * Publishes an event over the gateway's publish lane, as core itself: policy decides about core like about any other.
 *
 * @throws PublishRefused, VivifiedError `target_unavailable` when the gateway cannot be reached, breaks off, or says that
 *   it cannot now (429, 5xx)
 */
export async function publishEvent(waiting: Waiting, deps: PublishEventDeps): Promise<void> {
  const body: PublishRequest = {
    event_type: waiting.eventType,
    payload: { ...waiting.payload },
    source_plugin: "core",
    trace_id: waiting.trace.traceId,
  };
  const reply = await post(waiting, body, deps).catch((cause: unknown) => {
    throw new VivifiedError("target_unavailable", { cause });
  });
  if (reply.status < 300) return;
  const code = reply.code ?? `http_${reply.status}`;
  if (reply.status === 429 || reply.status >= 500) throw new VivifiedError("target_unavailable", { detail: code });
  throw new PublishRefused(code);
}

async function post(waiting: Waiting, body: PublishRequest, deps: PublishEventDeps) {
  const { statusCode, body: answer } = await request(new URL("/events/publish", deps.gatewayUrl), {
    method: "POST",
    dispatcher: deps.dispatcher,
    headersTimeout: deps.timeoutMs,
    bodyTimeout: deps.timeoutMs,
    signal: AbortSignal.timeout(deps.timeoutMs),
    headers: {
      "content-type": "application/json",
      "idempotency-key": waiting.id,
      traceparent: formatTraceparent(childSpan(waiting.trace)),
    },
    body: JSON.stringify(body),
  });
  return { status: statusCode, code: codeOf(await answer.text()) };
}

function codeOf(text: string): string | undefined {
  try {
    const problem = JSON.parse(text);
    return isJsonObject(problem) && typeof problem.code === "string" ? problem.code.slice(0, 64) : undefined;
  } catch {
    return undefined;
  }
}
