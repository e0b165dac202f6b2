import { createHttpServer, type HttpServer } from "@vivified/runtime";
import type { Foundation } from "../foundation.ts";
import { type RegistryRoutesDeps, registryRoutes } from "../registry/index.ts";
import { type SettingsRoutesDeps, settingsRoutes } from "../settings/index.ts";
import { type StorageRoutesDeps, storageRoutes } from "../storage/index.ts";
import { type HealthChecks, healthRoutes } from "./health-routes.ts";
import { serializePlainly } from "./plain-serializer.ts";

export type MeshServerDeps = Pick<Foundation, "logger" | "svid"> &
  RegistryRoutesDeps &
  SettingsRoutesDeps &
  StorageRoutesDeps & { readonly checks: HealthChecks };

/** What plugins reach through the gateway: mTLS both ways, and only the gateway is heard. */
export function meshServer(deps: MeshServerDeps): HttpServer {
  const { logger, svid } = deps;
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  serializePlainly(server);
  healthRoutes(server, deps.checks);
  registryRoutes(server, deps);
  settingsRoutes(server, deps);
  storageRoutes(server, deps);
  return server;
}
