import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@vivified/runtime";
import { Client } from "undici";

export type OpaServer = AsyncDisposable & {
  /** `POST /v1/data/<path>`; gives the rule's value. */
  readonly query: (path: string, input: object) => Promise<{ readonly effect: string }>;
};

/** OPA as people run it: a server on loopback, asked over one kept-alive connection, without decision logs. */
export async function startOpaServer({ opa, policies }: { opa: string; policies: string }): Promise<OpaServer> {
  const port = await freePort();
  const folders = ["vivified", "data"];
  const options = ["run", "--server", "--addr", `127.0.0.1:${port}`, "--log-level", "error", "--ignore", "*_test.rego"];
  const server = spawn(opa, [...options, ...folders], { cwd: policies, stdio: ["ignore", "ignore", "inherit"] });
  const client = new Client(`http://127.0.0.1:${port}`);
  await untilHealthy(client, server);
  return {
    query: (path, input) => query(client, path, input),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      const ended = once(server, "exit");
      server.kill();
      await ended;
    },
  };
}

async function query(client: Client, path: string, input: object): Promise<{ readonly effect: string }> {
  const body = JSON.stringify({ input });
  const headers = { "content-type": "application/json" };
  const reply = await client.request({ method: "POST", path: `/v1/data/${path}`, headers, body });
  const { result } = (await reply.body.json()) as { result: { effect: string } };
  return result;
}

async function untilHealthy(client: Client, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`opa ended with ${server.exitCode}`);
    const status = await client.request({ method: "GET", path: "/health" }).then(drained, () => 0);
    if (status === 200) return;
    await delay(50);
  }
  throw new Error("opa did not become healthy");
}

async function drained(reply: Awaited<ReturnType<Client["request"]>>): Promise<number> {
  await reply.body.dump();
  return reply.statusCode;
}
