import type { GrantRequest, Manifest, StoredGrant } from "@vivified/contracts";
import type { Selectable } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import type { ManifestVersion, NewPlugin, RegisteredPlugin, RegistryStore } from "./registry-store.ts";

export function registryStore(db: Db): RegistryStore {
  const plugins = () => db.selectFrom("plugins").selectAll();
  const change = (id: string) => db.updateTable("plugins").where("id", "=", id);
  return {
    addIfAbsent: async (plugin) => {
      const insert = db.insertInto("plugins").values(newRow(plugin));
      const added = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
      return added.numInsertedOrUpdatedRows === 1n;
    },
    find: async (id) => withGrants(db, await plugins().where("id", "=", id).execute()).then(([found]) => found),
    lock: async (id) => {
      const rows = await plugins().where("id", "=", id).forUpdate().execute();
      return withGrants(db, rows).then(([found]) => found);
    },
    list: async () => withGrants(db, await plugins().orderBy("id").execute()),
    adopt: async (id, { manifest, digest }) => {
      const inForce = { manifest: JSON.stringify(manifest), manifest_digest: digest };
      await change(id)
        .set({ ...inForce, proposed_manifest: null, proposed_digest: null })
        .execute();
    },
    propose: async (id, version) => {
      const proposed_manifest = version === undefined ? null : JSON.stringify(version.manifest);
      await change(id)
        .set({ proposed_manifest, proposed_digest: version?.digest ?? null })
        .execute();
    },
    setStatus: async (id, status) => {
      await change(id).set({ status }).execute();
    },
    replaceGrants: (id, grants, grantedBy) => replaceGrants(db, { id, grants, grantedBy }),
    heartbeat: async (id) => {
      await change(id).set({ last_heartbeat_at: new Date() }).execute();
    },
  };
}

function newRow({ manifest, digest, spiffeId }: NewPlugin) {
  return {
    id: manifest.id,
    tenant_id: defaultTenant,
    spiffe_id: spiffeId,
    status: "registered",
    manifest: JSON.stringify(manifest),
    manifest_digest: digest,
    registered_at: new Date(),
  } as const;
}

async function replaceGrants(
  db: Db,
  replacement: { id: string; grants: readonly StoredGrant[]; grantedBy: string },
): Promise<void> {
  await db.deleteFrom("plugin_grants").where("plugin_id", "=", replacement.id).execute();
  const rows = replacement.grants.map(({ id, ...request }, position) => ({
    id,
    plugin_id: replacement.id,
    position,
    grant_request: JSON.stringify(request),
    granted_by: replacement.grantedBy,
    granted_at: new Date(),
  }));
  if (rows.length > 0) await db.insertInto("plugin_grants").values(rows).execute();
}

type PluginRow = Selectable<Tables["plugins"]>;

async function withGrants(db: Db, rows: readonly PluginRow[]): Promise<readonly RegisteredPlugin[]> {
  if (rows.length === 0) return [];
  const grants = await db
    .selectFrom("plugin_grants")
    .select(["id", "plugin_id", "grant_request"])
    .where(
      "plugin_id",
      "in",
      rows.map((row) => row.id),
    )
    .orderBy("position")
    .execute();
  const byPlugin = Map.groupBy(grants, (grant) => grant.plugin_id);
  return rows.map((row) => pluginOf(row, (byPlugin.get(row.id) ?? []).map(storedGrant)));
}

function storedGrant(row: { id: string; grant_request: unknown }): StoredGrant {
  return { ...(row.grant_request as GrantRequest), id: row.id };
}

function pluginOf(row: PluginRow, grants: readonly StoredGrant[]): RegisteredPlugin {
  const proposed = proposedOf(row);
  return {
    id: row.id,
    tenantId: row.tenant_id,
    spiffeId: row.spiffe_id,
    status: row.status,
    manifest: row.manifest as Manifest,
    digest: row.manifest_digest,
    grants,
    registeredAt: row.registered_at,
    ...(proposed && { proposed }),
    ...(row.last_heartbeat_at !== null && { lastHeartbeatAt: row.last_heartbeat_at }),
  };
}

function proposedOf(row: PluginRow): ManifestVersion | undefined {
  if (row.proposed_digest === null) return undefined;
  return { manifest: row.proposed_manifest as Manifest, digest: row.proposed_digest };
}
