import { connect } from "node:net";
import type { JsonObject } from "@vivified/sdk";
import { number, text } from "./command.ts";

/** `{host, port, timeout_ms?}` → `{connected, address}`: a TCP connection, not over the lane but straight there. */
export async function dial(order: JsonObject): Promise<JsonObject> {
  const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
  const socket = connect({
    host: text(order, "host"),
    port: number(order, "port"),
    timeout: number(order, "timeout_ms", 3_000),
  });
  socket.once("connect", () => resolve({ connected: true, address: `${socket.remoteAddress}:${socket.remotePort}` }));
  socket.once("timeout", () => reject(Object.assign(new Error("nobody answered"), { code: "ETIMEDOUT" })));
  socket.once("error", reject);
  return promise.finally(() => socket.destroy());
}
