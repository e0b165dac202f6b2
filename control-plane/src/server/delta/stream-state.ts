import type { TypeUrl } from "../../resources/envoy-object.ts";
import type { EncodedAny } from "../protobuf/encode-resource.ts";
import type { SubscriptionChange } from "./subscription.ts";
import type { TypeState, Version } from "./type-state.ts";

export type VersionedResource = { readonly name: string; readonly version: Version; readonly body: EncodedAny };
/** What a node is to have: by type, then by name. */
export type Target = ReadonlyMap<TypeUrl, ReadonlyMap<string, VersionedResource>>;

/** One delta ADS stream. */
export type StreamState = {
  readonly target: Target;
  readonly types: ReadonlyMap<TypeUrl, TypeState>;
  /** How many responses were sent; the last one's nonce. */
  readonly sent: number;
};

export type Input =
  | ({ readonly kind: "request"; readonly type: TypeUrl } & DeltaRequest)
  | { readonly kind: "target"; readonly target: Target };

export type DeltaRequest = SubscriptionChange & {
  /** On the first request of a type: what the client still has from an earlier stream. */
  readonly initialVersions: ReadonlyMap<string, Version>;
  /** The response that this acknowledges or, with `error`, refuses; empty when neither. */
  readonly nonce: string;
  readonly error?: string;
};

export type Output =
  | {
      readonly kind: "response";
      readonly type: TypeUrl;
      readonly nonce: string;
      readonly resources: readonly VersionedResource[];
      readonly removed: readonly string[];
    }
  | { readonly kind: "nack"; readonly type: TypeUrl; readonly names: readonly string[]; readonly error: string }
  | { readonly kind: "ack"; readonly type: TypeUrl; readonly names: readonly string[] }
  | { readonly kind: "stale"; readonly type: TypeUrl };

export type Step = { readonly state: StreamState; readonly outputs: readonly Output[] };

export function openStream(target: Target): StreamState {
  return { target, types: new Map(), sent: 0 };
}

export function withType(state: StreamState, type: TypeUrl, next: TypeState): StreamState {
  return { ...state, types: new Map(state.types).set(type, next) };
}

/** Whether the client certainly has the resource as it is to be. */
export function holds(state: StreamState, type: TypeUrl, name: string): boolean {
  const wanted = state.target.get(type)?.get(name)?.version;
  return wanted !== undefined && state.types.get(type)?.known.get(name) === wanted;
}
