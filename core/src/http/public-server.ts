import { createHttpServer, type HttpServer } from "@vivified/runtime";
import { type AlertRoutesDeps, alertRoutes } from "../alerts/index.ts";
import {
  type AuditRoutesDeps,
  auditRoutes,
  type BundleRoutesDeps,
  bundleRoutes,
  type ExportRoutesDeps,
  exportRoutes,
  type FaultRoutesDeps,
  faultRoutes,
} from "../audit/index.ts";
import { type CanonicalRoutesDeps, canonicalRoutes } from "../canonical/index.ts";
import type { Foundation } from "../foundation.ts";
import { type IdentityRoutesDeps, identityRoutes } from "../identity/index.ts";
import { type GuardAdminDeps, guardAdmin, type PolicyRoutesDeps, policyRoutes } from "../policy/index.ts";
import { type AdminRegistryRoutesDeps, adminRegistryRoutes } from "../registry/index.ts";
import { type HoldRoutesDeps, holdRoutes } from "../retention/index.ts";
import { type SubjectRoutesDeps, subjectRoutes } from "../subjects/index.ts";
import { type TransparencyRoutesDeps, transparencyRoutes } from "../transparency/index.ts";
import { type HealthChecks, healthRoutes } from "./health-routes.ts";
import { type Metrics, metricsRoutes } from "./metrics.ts";
import { openApi } from "./open-api.ts";
import { serializePlainly } from "./plain-serializer.ts";

export type PublicServerDeps = Pick<Foundation, "logger" | "svid"> &
  IdentityRoutesDeps &
  GuardAdminDeps &
  AdminRegistryRoutesDeps &
  AlertRoutesDeps &
  AuditRoutesDeps &
  ExportRoutesDeps &
  Omit<BundleRoutesDeps, "signedLog"> &
  FaultRoutesDeps &
  CanonicalRoutesDeps &
  TransparencyRoutesDeps &
  HoldRoutesDeps &
  PolicyRoutesDeps &
  SubjectRoutesDeps & { readonly checks: HealthChecks; readonly metrics: Metrics };

/** What people reach: TLS with core's own certificate, bearer tokens, policy before every `/admin` route. */
export async function publicServer(deps: PublicServerDeps): Promise<HttpServer> {
  const { logger, svid } = deps;
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "none" } });
  serializePlainly(server);
  await openApi(server);
  metricsRoutes(server, deps.metrics);
  healthRoutes(server, deps.checks);
  guardAdmin(server, deps);
  identityRoutes(server, deps);
  adminRegistryRoutes(server, deps);
  canonicalRoutes(server, deps);
  alertRoutes(server, deps);
  auditRoutes(server, deps);
  exportRoutes(server, deps);
  bundleRoutes(server, { ...deps, signedLog: deps.transparency.storage });
  faultRoutes(server, deps);
  transparencyRoutes(server, deps);
  holdRoutes(server, deps);
  policyRoutes(server, deps);
  subjectRoutes(server, deps);
  return server;
}
