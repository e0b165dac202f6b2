import { HeartbeatRequest, RegisterReply, RegisterRequest } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { activePlugin, type CallerDeps, callingPlugin } from "./calling-plugin.ts";
import { type RegisterPluginDeps, registerPlugin } from "./register-plugin.ts";

export type RegistryRoutesDeps = CallerDeps & RegisterPluginDeps;

const tags = ["registry"];
/** Checking a manifest's schemas costs in proportion to its size, and whoever joined may send one. */
const largestManifestBytes = 128 * 1024;

/** What plugins ask through the gateway. */
export function registryRoutes(server: HttpServer, deps: RegistryRoutesDeps): void {
  server.post(
    "/plugins/register",
    { schema: { tags, body: RegisterRequest, response: { 200: RegisterReply } }, bodyLimit: largestManifestBytes },
    (request) => {
      const caller = callingPlugin(request, deps.trustDomain);
      return registerPlugin({ ...caller, manifest: request.body.manifest, trace: request.trace }, deps);
    },
  );
  server.post("/plugins/heartbeat", { schema: { tags, body: HeartbeatRequest } }, async (request, reply) => {
    await deps.plugins.heartbeat(await activePlugin(request, deps));
    return reply.code(204).send();
  });
}
