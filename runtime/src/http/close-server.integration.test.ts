import { once } from "node:events";
import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { request } from "undici";
import { expect, it } from "vitest";
import { heldSvid, testAuthority } from "../identity/svid.fixtures.ts";
import { createLogger } from "../telemetry/logger.ts";
import { closeServer } from "./close-server.ts";
import { createHttpServer } from "./create-http-server.ts";

const logger = createLogger({ process: "test", level: "silent" });

async function start() {
  const svid = heldSvid(await (await testAuthority()).issue("spiffe://vivified.local/core"));
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "none" } });
  server.post("/", () => ({}));
  const url = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  return { server, host: url.hostname, port: Number(url.port) };
}

type Place = { readonly host: string; readonly port: number };

async function halfARequest(place: Place) {
  const socket = tlsConnect({ ...place, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{");
  return socket;
}

async function silence(place: Place) {
  const socket = connect(place);
  await once(socket, "connect");
  return socket;
}

it.each([
  ["a request that never comes to its end", halfARequest],
  ["a connection that says nothing", silence],
])("closes although there is %s", async (_, open) => {
  const { server, ...place } = await start();
  const socket = (await open(place)).on("error", () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const startedMs = performance.now();
  await closeServer(server, 200);
  expect(performance.now() - startedMs).toBeLessThan(1_500);
  socket.destroy();
});

it("waits for a request under way", async () => {
  const server = createHttpServer({ logger });
  const begun = Promise.withResolvers<void>();
  server.get("/slow", async () => {
    begun.resolve();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { done: true };
  });
  const running = request(`${await server.listen({ host: "127.0.0.1", port: 0 })}/slow`);
  await begun.promise;
  await closeServer(server, 5_000);
  expect(await (await running).body.json()).toEqual({ done: true });
});
