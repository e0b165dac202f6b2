import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { DecisionRow } from "@vivified/contracts";
import { folder } from "../audit/audit.fixtures.ts";

/** A decision as core's API gives it. */
export function rowOf(index: number, changes: Partial<DecisionRow> = {}): DecisionRow {
  return {
    decision_id: `0192f3a0-0000-7000-8000-${String(index).padStart(12, "0")}`,
    timestamp: new Date(Date.parse("2026-11-20T00:00:00Z") + index * 1000).toISOString(),
    ...{ lane: "rpc", entrypoint: "rpc/invoke", caller: "workflow", action: "invoke", effect: "deny" },
    resource: "user-management.get_user",
    reasons: [{ rule: "rpc.granted", message: "There is no grant", fix: "Ask for a grant" }],
    obligations: [],
    revision: "0123456789abcdef",
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    ...changes,
  };
}

export type Speaker = AsyncDisposable & { readonly asked: readonly string[]; readonly at: readonly string[] };

/** The certificate that a core shows. */
export type Shown = { readonly keyPem: string; readonly chainPem: string };

/** A core that answers as it is told to whoever has logged in; what it was asked comes back. */
export async function coreThat(answer: RequestListener, shown?: Shown): Promise<Speaker> {
  const files = await folder();
  await writeFile(files.path("password"), "correct horse battery\n");
  const asked: string[] = [];
  const server = serverOf(shown, (request, reply) => {
    if (request.url === "/auth/login")
      return reply.end(JSON.stringify({ access_token: "t", token_type: "Bearer", expires_in: 600 }));
    asked.push(request.url ?? "");
    if (request.headers.authorization === "Bearer t") return answer(request, reply);
    return reply.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    at: [
      "--url",
      shown ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
      "--password-file",
      files.path("password"),
    ],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await files[Symbol.asyncDispose]();
    },
  };
}

const serverOf = (shown: Shown | undefined, listener: RequestListener): Server =>
  shown === undefined ? createServer(listener) : createTlsServer({ key: shown.keyPem, cert: shown.chainPem }, listener);
