import type { JsonValue } from "@vivified/contracts";

/** A message as Envoy's JSON: canonical protobuf JSON with field names in snake_case and `@type` where it is an Any. */
export type EnvoyObject = { readonly "@type": string; readonly [field: string]: JsonValue };

/** The resource types that are served, by their type URL. */
export const typeUrls = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
} as const;
export type TypeUrl = (typeof typeUrls)[keyof typeof typeUrls];
