import { type TypeUrl, typeUrls } from "../resources/envoy-object.ts";
import type { DeltaRequest, Output } from "./delta/stream-state.ts";

/** `DeltaDiscoveryRequest` as proto-loader gives it: what was not set is absent. */
export type DeltaDiscoveryRequest = {
  readonly node?: WireNode;
  readonly type_url?: string;
  readonly resource_names_subscribe?: readonly string[];
  readonly resource_names_unsubscribe?: readonly string[];
  readonly initial_resource_versions?: Readonly<Record<string, string>>;
  readonly response_nonce?: string;
  readonly error_detail?: { readonly code?: number; readonly message?: string };
};

export type WireNode = {
  readonly id?: string;
  readonly metadata?: { readonly fields?: Readonly<Record<string, WireValue | null>> };
};
type WireValue = { readonly stringValue?: string; readonly numberValue?: number };

/** The type that a request is about, or undefined when it is none of ours. */
export function typeOf({ type_url }: DeltaDiscoveryRequest): TypeUrl | undefined {
  return Object.values(typeUrls).find((url) => url === type_url);
}

export function deltaRequest(message: DeltaDiscoveryRequest): DeltaRequest {
  const { error_detail } = message;
  return {
    subscribe: message.resource_names_subscribe ?? [],
    unsubscribe: message.resource_names_unsubscribe ?? [],
    initialVersions: new Map(Object.entries(message.initial_resource_versions ?? {})),
    nonce: message.response_nonce ?? "",
    ...(error_detail === undefined ? {} : { error: error_detail.message ?? "refused without a word" }),
  };
}

/** `DeltaDiscoveryResponse`; `revision` is for people who debug. */
export function deltaResponse(response: Extract<Output, { kind: "response" }>, revision: string) {
  return {
    system_version_info: revision,
    type_url: response.type,
    resources: response.resources.map(({ name, version, body }) => ({ name, version, resource: body })),
    removed_resources: response.removed,
    nonce: response.nonce,
  };
}

/** `node.metadata` as a plain object; only strings and numbers are of interest. Whatever a client writes there, it is read. */
export function metadataOf(node: WireNode): unknown {
  const fields = Object.entries(node.metadata?.fields ?? {});
  return Object.fromEntries(fields.map(([name, value]) => [name, value?.stringValue ?? value?.numberValue ?? null]));
}
