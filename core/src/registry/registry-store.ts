import type { Manifest, StoredGrant } from "@vivified/contracts";
import type { PluginStatusName } from "../database/tables.ts";

/** A manifest and the hex SHA-256 of its canonical JSON. */
export type ManifestVersion = { readonly manifest: Manifest; readonly digest: string };

/** A plugin as the operator left it. `manifest` is in force; `proposed` asks for more and waits for approval. */
export type RegisteredPlugin = ManifestVersion & {
  readonly id: string;
  readonly tenantId: string;
  readonly spiffeId: string;
  readonly status: PluginStatusName;
  readonly proposed?: ManifestVersion;
  readonly grants: readonly StoredGrant[];
  readonly registeredAt: Date;
  readonly lastHeartbeatAt?: Date;
};

export type NewPlugin = ManifestVersion & { readonly spiffeId: string };

export type RegistryStore = {
  /** Adds a plugin that waits for approval; false when its id is there already. */
  readonly addIfAbsent: (plugin: NewPlugin) => Promise<boolean>;
  readonly find: (id: string) => Promise<RegisteredPlugin | undefined>;
  /** Like `find`, and nobody else changes the plugin before the transaction ends. */
  readonly lock: (id: string) => Promise<RegisteredPlugin | undefined>;
  readonly list: () => Promise<readonly RegisteredPlugin[]>;
  /** Puts a manifest in force; nothing waits for approval any more. */
  readonly adopt: (id: string, version: ManifestVersion) => Promise<void>;
  /** Keeps a manifest for approval, or drops the one that waits. */
  readonly propose: (id: string, version: ManifestVersion | undefined) => Promise<void>;
  readonly setStatus: (id: string, status: PluginStatusName) => Promise<void>;
  readonly replaceGrants: (id: string, grants: readonly StoredGrant[], grantedBy: string) => Promise<void>;
  readonly heartbeat: (id: string) => Promise<void>;
};
