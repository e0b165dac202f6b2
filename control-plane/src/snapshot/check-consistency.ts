import { isJsonObject, type JsonValue } from "@vivified/contracts";
import { typeUrls } from "../resources/envoy-object.ts";
import { type NodeResources, staticClusters } from "./node-resources.ts";

/**
 * References that lead nowhere: clusters that a route or listener names and nobody defines. Envoy would accept such
 * resources and answer 503, so they are not sent.
 */
export function danglingClusters(resources: NodeResources): readonly string[] {
  const defined = new Set([...staticClusters, ...(resources.get(typeUrls.cluster)?.keys() ?? [])]);
  const users = [typeUrls.listener, typeUrls.routes].flatMap((type) => [...(resources.get(type)?.values() ?? [])]);
  return [...new Set(users.flatMap(clustersIn))].filter((name) => !defined.has(name));
}

function clustersIn(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(clustersIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    field === "cluster" && typeof inner === "string" ? [inner] : clustersIn(inner),
  );
}
