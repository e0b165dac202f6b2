import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PinnedPools } from "./http/pinned-pools.ts";
import { sendHttp } from "./http/send-http.ts";
import { sendMail } from "./mail/send-mail.ts";
import { openService } from "./outside.fixtures.ts";
import { outsideService } from "./outside-service.fixtures.ts";

const stack = new AsyncDisposableStack();
const egressTimeoutMs = 700;
let port: number;

beforeAll(async () => {
  const { listener } = outsideService({ redirectTo: () => "/" });
  port = (await openService(listener, {}, stack)).port;
});

afterAll(() => stack.disposeAsync());

/** A server that greets with the same line over and over, and never says more. */
async function openChatter(line: string): Promise<number> {
  const server = createServer((socket) => {
    const timer = setInterval(() => line && socket.write(line), 50);
    socket.on("error", () => undefined).on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.2");
  await once(server, "listening");
  stack.defer(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("the deadline of an egress request", () => {
  it.each(["/hang", "/drip"])("holds for the request as a whole: %s", async (path) => {
    await using pools = new PinnedPools();
    const target = { scheme: "http", host: "api.example", port, method: "GET", path };
    const form = { kind: "json", mediaType: "application/json" } as const;
    const request = { plugin: "caller", target, address: "127.0.0.2", payload: {}, form };
    const sent = sendHttp(request, { pools, userAgent: "test", egressTimeoutMs, maxReplyBytes: 1024 });
    await expect(sent).rejects.toMatchObject({ code: "upstream_timeout" });
  });

  it.each(["", "220-wait\r\n"])("holds for a mail server that says only %j", async (line) => {
    const target = { scheme: "smtp", host: "mail.example", port: await openChatter(line), method: "SEND", path: "/" };
    const payload = { from: "noreply@example.org", to: ["ada@example.org"], subject: "Hi", text: "Hello" };
    const sent = sendMail({ target, address: "127.0.0.2", payload, insecurePlaintext: true }, { egressTimeoutMs });
    await expect(sent).rejects.toMatchObject({ code: "upstream_timeout" });
  });
});
