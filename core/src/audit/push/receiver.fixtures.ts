import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

export type Received = {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of the gzipped body. */
  readonly bytes: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into requests of every shape
  readonly json: any;
};
type Reply = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export type TestReceiver = AsyncDisposable & {
  readonly url: string;
  readonly requests: readonly Received[];
  /** What it answers from now on. */
  answer: (received: Received) => Reply | "hang up" | "never";
};

/** A real HTTP server that takes what is pushed to it, and can be told to misbehave. */
export async function testReceiver(port = 0): Promise<TestReceiver> {
  const requests: Received[] = [];
  const receiver = { answer: (): Reply => ({ status: 200 }) } as { answer: TestReceiver["answer"] };
  const server = createServer(async (request, reply) => {
    const body = await buffer(request);
    const { url: path = "", headers } = request;
    const received = { path, headers, bytes: body.length, json: JSON.parse(gunzipSync(body).toString("utf8")) };
    requests.push(received);
    const answer = receiver.answer(received);
    if (answer === "hang up") request.socket.destroy();
    if (typeof answer === "object") reply.writeHead(answer.status, answer.headers).end(answer.body ?? "{}");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${bound}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
