import { type Dispatcher, request } from "undici";
import { type Order, traceparentOf } from "./order.ts";

export type Way = {
  readonly url: string;
  readonly method: "POST" | "PUT";
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
};

const timeoutMs = 20_000;

/** Sends an order in a trace of its own and keeps what came of it. Never rejects: no answer is an answer, too. */
export async function sendOrder(order: Order, { url, method, body, headers, dispatcher }: Way): Promise<Order> {
  try {
    const reply = await request(url, {
      method,
      dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { "content-type": "application/json", traceparent: traceparentOf(order), ...headers },
      body: JSON.stringify(body),
    });
    order.answer = { status: reply.statusCode, body: parsed(await reply.body.text()) };
  } catch {
    order.answer = { status: 0, body: {} };
  }
  return order;
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
