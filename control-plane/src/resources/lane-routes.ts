import { type JsonObject, meshNames, onBehalfOfHeader, pluginHeaders } from "@vivified/contracts";
import { problemOf } from "@vivified/runtime";
import { type EnvoyObject, typeUrls } from "./envoy-object.ts";

/** What a node may do: everything that an approved plugin may, or register and nothing else. */
export type LaneAccess = "all" | "register";

const allLanes: readonly JsonObject[] = [
  { path_separated_prefix: "/events" },
  { path_separated_prefix: "/gateway" },
  { path: "/proxy" },
  { path_separated_prefix: "/plugins" },
  { path_separated_prefix: "/storage" },
  { path: "/.well-known/jwks.json" },
];

const registration: readonly JsonObject[] = [
  { path: "/plugins/register", headers: [{ name: ":method", string_match: { exact: "POST" } }] },
];

/** Only platform parts say these; whatever a plugin puts there ends at its Envoy. */
const strippedHeaders: readonly string[] = [
  ...Object.values(pluginHeaders),
  onBehalfOfHeader,
  "x-forwarded-client-cert",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
  "forwarded",
];

const elsewhereFirst = {
  name: "envoy.retry_host_predicates.previous_hosts",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
  },
};

/** The lanes as a plugin sees them. What is not there is answered by its own Envoy with 404. */
export function laneRoutes(access: LaneAccess): EnvoyObject {
  const matches = access === "all" ? allLanes : registration;
  return {
    "@type": typeUrls.routes,
    name: meshNames.laneRoutes,
    virtual_hosts: [{ name: "lanes", domains: ["*"], routes: [...matches.map(toGateway), elsewhere()] }],
    request_headers_to_remove: [...strippedHeaders],
  };
}

/** NOTE: only what never reached a gateway is tried again, at another one where there are several; it decides about the rest. */
function toGateway(match: JsonObject): JsonObject {
  const retry_policy = {
    retry_on: "connect-failure,reset-before-request",
    num_retries: 2,
    retry_host_predicate: [elsewhereFirst],
    host_selection_retry_max_attempts: 3,
  };
  return { match, route: { cluster: meshNames.gatewayCluster, timeout: "120s", retry_policy } };
}

function elsewhere(): JsonObject {
  const body = { inline_string: JSON.stringify(problemOf("not_found")) };
  const header = { key: "content-type", value: "application/problem+json" };
  return {
    match: { prefix: "/" },
    direct_response: { status: 404, body },
    response_headers_to_add: [{ header, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" }],
  };
}
