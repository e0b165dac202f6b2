import type { AuditTrail, ClockWatch, HttpServer } from "@vivified/runtime";
import type { KeyDirectory } from "./call-token/key-directory.ts";
import type { ConnectionWatch } from "./connection-watch.ts";
import type { PolicyFollower } from "./policy/policy-follower.ts";

export type HealthDeps = {
  readonly nats: Pick<ConnectionWatch, "connected">;
  /** @throws VivifiedError `snapshot_missing`, `snapshot_stale` 503 */
  readonly snapshot: () => { readonly revision: number };
  readonly policies: Pick<PolicyFollower, "active">;
  readonly trail: Pick<AuditTrail, "writable">;
  readonly clockWatch: Pick<ClockWatch, "trusted">;
  readonly keys: Pick<KeyDirectory, "jwks">;
};

/** `GET /health`: 200 when the lanes can work, 503 and what is missing otherwise. `GET /.well-known/jwks.json`. */
export function healthRoutes(server: HttpServer, deps: HealthDeps): void {
  server.get("/.well-known/jwks.json", async (_request, reply) => {
    return reply.header("cache-control", "max-age=30").send(await deps.keys.jwks());
  });
  server.get("/health", async (_request, reply) => {
    const policy = deps.policies.active?.policy;
    const checks = checksOf(deps);
    const ready = Object.values(checks).every(Boolean);
    const running = policy && { policy: { revision: policy.revision, activation: policy.activation } };
    return reply.code(ready ? 200 : 503).send({ status: ready ? "ready" : "unavailable", checks, ...running });
  });
}

function checksOf(deps: HealthDeps) {
  const { trail, nats, clockWatch, policies } = deps;
  const policy = policies.active !== undefined;
  return {
    audit: trail.writable,
    clock: clockWatch.trusted,
    snapshot: hasSnapshot(deps),
    policy,
    nats: nats.connected,
  };
}

function hasSnapshot(deps: HealthDeps): boolean {
  try {
    return deps.snapshot().revision >= 0;
  } catch {
    return false;
  }
}
