import type { AuditTrail, HttpServer } from "@vivified/runtime";
import type { KeyDirectory } from "./call-token/key-directory.ts";
import type { ConnectionWatch } from "./connection-watch.ts";
import type { PolicyFollower } from "./policy/policy-follower.ts";

export type HealthDeps = {
  readonly nats: Pick<ConnectionWatch, "connected">;
  /** @throws VivifiedError `snapshot_missing`, `snapshot_stale` 503 */
  readonly snapshot: () => { readonly revision: number };
  readonly policies: Pick<PolicyFollower, "active">;
  readonly trail: Pick<AuditTrail, "writable">;
  readonly keys: Pick<KeyDirectory, "jwks">;
};

/** `GET /health`: 200 when the lanes can work, 503 and what is missing otherwise. `GET /.well-known/jwks.json`. */
export function healthRoutes(server: HttpServer, deps: HealthDeps): void {
  server.get("/.well-known/jwks.json", async (_request, reply) => {
    return reply.header("cache-control", "max-age=30").send(await deps.keys.jwks());
  });
  server.get("/health", async (_request, reply) => {
    const { trail, nats, policies } = deps;
    const policy = policies.active?.policy;
    const snapshot = hasSnapshot(deps);
    const checks = { audit: trail.writable, snapshot, policy: policy !== undefined, nats: nats.connected };
    const ready = Object.values(checks).every(Boolean);
    const running = policy && { policy: { revision: policy.revision, activation: policy.activation } };
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "unavailable", checks, ...running });
  });
}

function hasSnapshot(deps: HealthDeps): boolean {
  try {
    return deps.snapshot().revision >= 0;
  } catch {
    return false;
  }
}
