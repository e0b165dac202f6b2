import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "undici";
import { adminSocket } from "../bootstrap/bootstrap.ts";

const pauseMs = 20;
const lanesArrived = "http.lanes.rds.lanes.update_success";

/**
 * Waits until Envoy has all its configuration and its workers run (`/ready`), and has had its lanes by RDS at least once.
 * Rejects when the signal says so.
 */
export async function untilServing(directory: string, signal: AbortSignal): Promise<void> {
  while (!(await isServing(directory))) await delay(pauseMs, undefined, { signal });
}

async function isServing(directory: string): Promise<boolean> {
  try {
    const ready = await ask(directory, "/ready");
    if (ready.status !== 200) return false;
    const { body } = await ask(directory, `/stats?filter=^${lanesArrived}$`);
    return /: [1-9]/.test(body);
  } catch {
    return false; // no socket yet, or nobody behind it
  }
}

/**
 * One question to the admin socket. It is reached through the directory's file descriptor, because the path of a Unix
 * socket may have 107 bytes and directories do not care.
 */
async function ask(directory: string, path: string): Promise<{ status: number; body: string }> {
  const handle = await open(directory);
  const client = new Client("http://envoy", { socketPath: join(`/proc/self/fd/${handle.fd}`, adminSocket) });
  try {
    const { statusCode, body } = await client.request({ method: "GET", path, headersTimeout: 2_000 });
    return { status: statusCode, body: await body.text() };
  } finally {
    await client.destroy();
    await handle.close();
  }
}
