import type { HttpServer } from "@vivified/runtime";
import type { AuditTrail } from "./audit-trail/audit-trail.ts";
import type { KeyDirectory } from "./call-token/key-directory.ts";
import type { ConnectionWatch } from "./connection-watch.ts";

export type HealthDeps = {
  readonly nats: Pick<ConnectionWatch, "connected">;
  /** @throws VivifiedError `snapshot_missing`, `snapshot_stale` 503 */
  readonly snapshot: () => { readonly revision: number };
  readonly trail: Pick<AuditTrail, "writable">;
  readonly keys: Pick<KeyDirectory, "jwks">;
};

/** `GET /health`: 200 when the lanes can work, 503 and what is missing otherwise. `GET /.well-known/jwks.json`. */
export function healthRoutes(server: HttpServer, deps: HealthDeps): void {
  server.get("/.well-known/jwks.json", async (_request, reply) => {
    return reply.header("cache-control", "max-age=30").send(deps.keys.jwks());
  });
  server.get("/health", async (_request, reply) => {
    const checks = { audit: deps.trail.writable, snapshot: hasSnapshot(deps), nats: deps.nats.connected };
    const ready = Object.values(checks).every(Boolean);
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "unavailable", checks });
  });
}

function hasSnapshot(deps: HealthDeps): boolean {
  try {
    return deps.snapshot().revision >= 0;
  } catch {
    return false;
  }
}
