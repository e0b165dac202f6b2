import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";

/** A condition of being ready: true, or not. A check that fails counts as not. */
export type HealthChecks = { readonly [name: string]: () => Promise<boolean> | boolean };

const Health = Type.Object({
  live: Type.Boolean(),
  ready: Type.Boolean(),
  checks: Type.Record(Type.String(), Type.Boolean()),
});

/** `GET /health`: 200 when ready, 503 when not; whoever reads only the status knows enough. */
export function healthRoutes(server: HttpServer, checks: HealthChecks): void {
  const schema = { tags: ["health"], security: [], response: { 200: Health, 503: Health } };
  server.get("/health", { schema }, async (_, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ready = results.every(([, passed]) => passed);
    return reply.code(ready ? 200 : 503).send({ live: true, ready, checks: Object.fromEntries(results) });
  });
}

async function passes(check: HealthChecks[string]): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
