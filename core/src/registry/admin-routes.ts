import { AdminPlugin, AdminPluginList, ApproveRequest, JoinTokenReply, manifestDiff } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import { Type } from "typebox";
import { requesterOf } from "../policy/index.ts";
import { type ApprovePluginDeps, approvePlugin } from "./approve-plugin.ts";
import { type ChangeStatusDeps, disablePlugin, enablePlugin } from "./change-status.ts";
import { type IssueJoinTokenDeps, issueJoinToken } from "./issue-join-token.ts";
import type { RegisteredPlugin, RegistryStore } from "./registry-store.ts";

export type AdminRegistryRoutesDeps = ApprovePluginDeps &
  ChangeStatusDeps &
  IssueJoinTokenDeps & { readonly plugins: RegistryStore };

const tags = ["registry"];
const params = Type.Object({ id: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }) });
const changed = { tags, params, response: { 200: AdminPlugin } };

/** What operators do with plugins. */
export function adminRegistryRoutes(server: HttpServer, deps: AdminRegistryRoutesDeps): void {
  server.get("/admin/plugins", { schema: { tags, response: { 200: AdminPluginList } } }, async () => ({
    plugins: (await deps.plugins.list()).map(shown),
  }));
  server.post("/admin/plugins/:id/approve", { schema: { ...changed, body: ApproveRequest } }, async (request) => {
    const approval = { ...request.body, id: request.params.id };
    return shown(await approvePlugin(approval, requesterOf(request), deps));
  });
  server.post("/admin/plugins/:id/disable", { schema: changed }, async (request) =>
    shown(await disablePlugin(request.params.id, requesterOf(request), deps)),
  );
  server.post("/admin/plugins/:id/enable", { schema: changed }, async (request) =>
    shown(await enablePlugin(request.params.id, requesterOf(request), deps)),
  );
  const issued = { tags, params, response: { 201: JoinTokenReply } };
  server.post("/admin/plugins/:id/join-token", { schema: issued }, async (request, reply) => {
    const token = await issueJoinToken(request.params.id, requesterOf(request), deps);
    return reply.code(201).header("cache-control", "no-store").send(token);
  });
}

function shown(plugin: RegisteredPlugin): AdminPlugin {
  const { proposed, lastHeartbeatAt } = plugin;
  return {
    id: plugin.id,
    tenant_id: plugin.tenantId,
    status: plugin.status,
    version: plugin.manifest.version,
    manifest: plugin.manifest,
    grants: [...plugin.grants],
    registered_at: plugin.registeredAt.toISOString(),
    ...(proposed && { proposed: shownProposal(plugin, proposed.manifest) }),
    ...(lastHeartbeatAt && { last_heartbeat_at: lastHeartbeatAt.toISOString() }),
  };
}

function shownProposal(plugin: RegisteredPlugin, proposed: RegisteredPlugin["manifest"]) {
  const { added, removed } = manifestDiff(plugin.manifest, proposed);
  return { version: proposed.version, added: [...added], removed: [...removed] };
}
