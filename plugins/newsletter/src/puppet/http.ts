import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { JsonObject } from "@vivified/sdk";

export type PlainRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent byte for byte. */
  readonly body?: string | undefined;
  readonly timeoutMs: number;
};

/** One HTTP request past the SDK. An intruder does not verify whom it talks to, so neither does this. */
export async function send({ url, method, headers, body, timeoutMs }: PlainRequest): Promise<JsonObject> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = { method, headers, agent: false as const, signal: AbortSignal.timeout(timeoutMs) };
  const request = url.startsWith("https:")
    ? requestHttps(url, { ...options, rejectUnauthorized: false }, resolve)
    : requestHttp(url, options, resolve);
  request.once("error", reject);
  request.end(body);
  const reply = await promise;
  const told = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
  return { status: reply.statusCode ?? 0, headers: Object.fromEntries(told), body: await readText(reply) };
}

async function readText(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
