import { readFile } from "node:fs/promises";
import { type Dispatcher, request } from "undici";
import type { PushAnswer } from "./receiver.ts";

export type PushHttp = {
  readonly url: URL;
  readonly dispatcher: Dispatcher;
  /** Read anew at every request, so that a token can be replaced. */
  readonly tokenFile?: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
};

export type PostChunk = {
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** What a 2xx with this text means. */
  readonly read: (text: string) => PushAnswer;
};

/** What is wrong with the content, and not with the way to the receiver (RFC 9110). */
const refusals = new Set([400, 409, 413, 422]);
const mostAnswerBytes = 65_536;
const longestRetryAfterMs = 3_600_000;

/** Sends one chunk; never rejects. Redirects are not followed. */
export async function postChunk(http: PushHttp, { body, signal, read }: PostChunk): Promise<PushAnswer> {
  const { url, dispatcher, timeoutMs } = http;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const headers = await headersOf(http);
    const options = { method: "POST", dispatcher, headers, body, signal: AbortSignal.any([signal, timeout]) } as const;
    const reply = await request(url, options);
    const text = await shortText(reply.body);
    return reply.statusCode >= 200 && reply.statusCode < 300 ? read(text) : refusalOf(reply);
  } catch (cause) {
    const why = timeout.aborted ? `it did not answer within ${timeoutMs} ms` : codeOf(cause);
    return { outcome: "unavailable", detail: why };
  }
}

async function headersOf({ tokenFile }: PushHttp): Promise<Record<string, string>> {
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, "utf8")).trim();
  return {
    "content-type": "application/json",
    "content-encoding": "gzip",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

function refusalOf({ statusCode: status, headers }: Dispatcher.ResponseData): PushAnswer {
  const detail = `it answered ${status}`;
  if (refusals.has(status)) return { outcome: "refused", status, detail };
  const retryAfterMs = retryAfter(headers["retry-after"]);
  return { outcome: "unavailable", detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Seconds or a date (RFC 9110, section 10.2.3); at most an hour is believed. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(longestRetryAfterMs, Math.max(0, ms));
}

async function shortText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes <= mostAnswerBytes) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "error";
  return `it cannot be reached (${code})`;
}
