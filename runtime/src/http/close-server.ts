import { setTimeout as delay } from "node:timers/promises";
import type { HttpServer } from "./create-http-server.ts";

/** Half of the ten seconds that a process has for all of its stop. */
const graceMs = 5_000;
/** Enough for connections that were cut off to be gone. */
const cutMs = 500;

/**
 * Takes no new requests, and gives those under way a little time. What takes longer is cut off, also a request that never
 * comes to its end, and a connection that never says anything is left to the end of the process: nobody outside may keep
 * it from stopping, and from telling that it did.
 */
export async function closeServer(server: HttpServer, withinMs = graceMs): Promise<void> {
  const closed = server.close();
  if (await endsWithin(closed, withinMs)) return;
  server.server.closeAllConnections();
  await endsWithin(closed, cutMs);
}

async function endsWithin(closed: PromiseLike<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([closed.then(() => true), late]);
  timer.abort();
  return ended;
}
