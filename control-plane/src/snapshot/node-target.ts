import { createHash } from "node:crypto";
import type { SnapshotDocument } from "@vivified/contracts";
import type { MeshSettings } from "../resources/mesh-settings.ts";
import type { Target, VersionedResource } from "../server/delta/stream-state.ts";
import type { EncodeResource } from "../server/protobuf/encode-resource.ts";
import { danglingClusters } from "./check-consistency.ts";
import { type MeshNode, nodeResources } from "./node-resources.ts";

export type NodeTargetDeps = { readonly encode: EncodeResource; readonly settings: MeshSettings };

/**
 * What a node is to have under a snapshot, encoded, each resource with the hash of its bytes as version.
 *
 * @throws Error when a resource refers to a cluster that nobody defines
 */
export function nodeTarget(document: SnapshotDocument, node: MeshNode, deps: NodeTargetDeps): Target {
  const resources = nodeResources(document, node, deps.settings);
  const dangling = danglingClusters(resources);
  if (dangling.length > 0) throw new Error(`resources lead to undefined clusters: ${dangling.join(", ")}`);
  return new Map([...resources].map(([type, named]) => [type, new Map([...named].map(versioned(deps.encode)))]));
}

function versioned(encode: EncodeResource) {
  return ([name, resource]: [string, Parameters<EncodeResource>[0]]): [string, VersionedResource] => {
    const body = encode(resource);
    const version = createHash("sha256").update(body.value).digest("hex").slice(0, 16);
    return [name, { name, version, body }];
  };
}
