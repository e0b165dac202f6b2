import { type ManifestDiff, manifestDiff } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { ManifestVersion, RegisteredPlugin } from "./registry-store.ts";

/** What becomes of a manifest that a known plugin sends. */
export type Merge =
  | { readonly kind: "registered" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "withdrawn" }
  | { readonly kind: "upgraded" | "proposed"; readonly diff: ManifestDiff }
  | { readonly kind: "conflict"; readonly error: VivifiedError };

/**
 * One version names one manifest. A version that asks for nothing new needs no approval; neither does any version of a
 * plugin that was never approved, since nobody has looked at one yet.
 */
export function mergeVersion(plugin: RegisteredPlugin, version: ManifestVersion): Merge {
  const { proposed } = plugin;
  if (version.digest === plugin.digest) return { kind: proposed === undefined ? "unchanged" : "withdrawn" };
  if (version.digest === proposed?.digest) return { kind: "unchanged" };
  if ([plugin, proposed].some((known) => known?.manifest.version === version.manifest.version)) return taken(version);
  const diff = manifestDiff(plugin.manifest, version.manifest);
  const free = plugin.status === "registered" || diff.added.length === 0;
  return { kind: free ? "upgraded" : "proposed", diff };
}

function taken({ manifest }: ManifestVersion): Merge {
  const detail = `version ${manifest.version} is known with another manifest; raise the version`;
  return { kind: "conflict", error: new VivifiedError("conflict", { detail }) };
}
