import type { JsonObject } from "@vivified/contracts";
import { isJsonObject } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Dispatcher } from "undici";
import type { EgressTarget } from "../../../snapshot/grants.ts";
import { formatFormFields } from "../form-fields.ts";
import { type BodyForm, formatBody } from "./outgoing-body.ts";
import type { PinnedPools } from "./pinned-pools.ts";
import { readReply } from "./read-reply.ts";
import { replyPayload } from "./reply-payload.ts";

/** What may be sent, to where: all of it judged. */
export type WebRequest = {
  readonly plugin: string;
  readonly target: EgressTarget;
  readonly address: string;
  readonly payload: JsonObject;
  readonly form: BodyForm;
};

/** What came back. `payload` is not judged yet. */
export type Answer = { readonly status: number; readonly bytes: number; readonly payload: JsonObject };

export type SendHttpDeps = {
  readonly pools: PinnedPools;
  readonly userAgent: string;
  readonly egressTimeoutMs: number;
  readonly maxReplyBytes: number;
};

/**
 * One HTTP request to the judged address. Redirects come back as they are. Time and size are bounded as a whole.
 *
 * @throws VivifiedError `upstream_failed` 502 (broken, too large, or a status of 400 and above), `upstream_timeout` 504
 */
export async function sendHttp(request: WebRequest, deps: SendHttpDeps): Promise<Answer> {
  const signal = AbortSignal.timeout(deps.egressTimeoutMs);
  try {
    const { scheme, host, port } = request.target;
    const pool = deps.pools.pool({ plugin: request.plugin, scheme, host, port, address: request.address });
    const reply = await pool.request({ ...wireRequest(request, deps.userAgent), signal });
    return await answerOf(reply, deps.maxReplyBytes);
  } catch (error) {
    throw failure(error, signal);
  }
}

function wireRequest({ plugin, target, payload, form }: WebRequest, userAgent: string) {
  const query = isJsonObject(payload.query) ? formatFormFields(payload.query) : "";
  const body = payload.body === undefined ? undefined : formatBody(form, payload.body);
  const headers = {
    ...textHeaders(payload.headers),
    "user-agent": userAgent,
    "x-proxy-plugin": plugin,
    "accept-encoding": "gzip, deflate, br",
    ...(body === undefined ? {} : { "content-type": body.contentType }),
  };
  const path = query === "" ? target.path : `${target.path}?${query}`;
  return { path, method: target.method as Dispatcher.HttpMethod, headers, body: body?.bytes ?? null };
}

function textHeaders(headers: JsonObject[string] | undefined): Record<string, string> {
  const given = isJsonObject(headers) ? Object.entries(headers) : [];
  return Object.fromEntries(given.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}

async function answerOf(reply: Dispatcher.ResponseData, maxReplyBytes: number): Promise<Answer> {
  const { statusCode: status, headers, body } = reply;
  if (status >= 400) {
    body.on("error", () => undefined).destroy();
    throw new VivifiedError("upstream_failed", { extra: { upstream_status: status } });
  }
  const encoding = [headers["content-encoding"]].flat().join(",");
  const read = await readReply(body, encoding, maxReplyBytes);
  return { status, bytes: read.bytes.length, payload: replyPayload(status, headers, read) };
}

function failure(cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || isTimeout(cause)) return new VivifiedError("upstream_timeout", { cause });
  return cause instanceof VivifiedError ? cause : new VivifiedError("upstream_failed", { cause });
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && /^UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT$/.test(String(error.code))
  );
}
