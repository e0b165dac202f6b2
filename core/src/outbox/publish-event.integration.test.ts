import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { newTrace, VivifiedError } from "@vivified/runtime";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PublishRefused, publishEvent } from "./publish-event.ts";

const seen: IncomingHttpHeaders[] = [];
const dispatcher = new Agent();
let server: Server;
let status = 200;

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(status).end(JSON.stringify({ code: "some_code" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  await dispatcher.destroy();
  server.close();
});

function publish(): Promise<unknown> {
  const gatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waiting = { id: "e-1", eventType: "UserCreated", payload: {}, trace: newTrace(), attempts: 1, refusals: 0 };
  return publishEvent(waiting, { gatewayUrl, dispatcher, timeoutMs: 2_000 }).catch((error: unknown) => error);
}

describe("publishing from the outbox", () => {
  it("names the entry as idempotency key, so that it is one event however often it is sent", async () => {
    status = 200;
    expect([await publish(), await publish()]).toEqual([undefined, undefined]);
    expect(seen.map((headers) => headers["idempotency-key"])).toEqual(["e-1", "e-1"]);
  });

  it.each([400, 401, 403, 409, 422])("takes %i for a refusal", async (answer) => {
    status = answer;
    expect(await publish()).toEqual(new PublishRefused("some_code"));
  });

  it.each([429, 500, 502, 503, 504])("takes %i for an outage, which counts for nothing", async (answer) => {
    status = answer;
    expect(await publish()).toBeInstanceOf(VivifiedError);
  });
});
