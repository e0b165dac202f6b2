import { readFile, stat } from "node:fs/promises";
import type { PolicyActivation, StoredBundle } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";

/** Uploads a bundle when it is a file; a revision is taken as it is. @returns the revision @throws Error for a folder, or a path to nothing */
export async function revisionOf(bundleOrRevision: string, api: AdminApi): Promise<string> {
  const found = await stat(bundleOrRevision).catch(() => undefined);
  if (found?.isDirectory())
    throw new Error(`${bundleOrRevision} is a folder: vivified policy build makes a bundle of it`);
  if (found === undefined && isPath(bundleOrRevision)) throw new Error(`there is no file ${bundleOrRevision}`);
  if (found === undefined) return bundleOrRevision;
  const archive = await readFile(bundleOrRevision);
  const { revision } = await api.upload<StoredBundle>("/admin/policies/bundles", archive, "application/gzip");
  return revision;
}

/** Revisions have no slash, and no bundle's ending. */
const isPath = (text: string): boolean => /[/\\]|\.tar\.gz$/.test(text);

/** `vivified policy publish`: puts a bundle in force, or asks for it. */
export async function publish(bundleOrRevision: string, note: string, api: AdminApi): Promise<PolicyActivation> {
  const revision = await revisionOf(bundleOrRevision, api);
  return api.call("POST", "/admin/policies/publish", { revision, note });
}
