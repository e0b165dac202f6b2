import { type TypeUrl, typeUrls } from "../../resources/envoy-object.ts";
import { step } from "./step.ts";
import {
  type DeltaRequest,
  type Output,
  openStream,
  type StreamState,
  type Target,
  type VersionedResource,
} from "./stream-state.ts";

export type Versions = { readonly [name: string]: string };
export type TargetVersions = { readonly [type in keyof typeof typeUrls]?: Versions };

/** A target from names and versions: `aTarget({ cluster: { gateway: "v1" } })`. */
export function aTarget(versions: TargetVersions): Target {
  const types = Object.entries(versions) as [keyof typeof typeUrls, Versions][];
  return new Map(types.map(([type, named]) => [typeUrls[type], resources(named, typeUrls[type])]));
}

function resources(named: Versions, type: TypeUrl): ReadonlyMap<string, VersionedResource> {
  const body = { type_url: type, value: Buffer.alloc(0) };
  return new Map(Object.entries(named).map(([name, version]) => [name, { name, version, body }]));
}

export type Response = Extract<Output, { kind: "response" }>;

/** A stream under test: every call is one message in, and answers with what came out. */
export class StreamUnderTest {
  state: StreamState;

  constructor(versions: TargetVersions) {
    this.state = openStream(aTarget(versions));
  }

  request(type: keyof typeof typeUrls, request: Partial<DeltaRequest> = {}): readonly Output[] {
    const nothing = { subscribe: [], unsubscribe: [], initialVersions: new Map(), nonce: "" };
    return this.#step({ kind: "request", type: typeUrls[type], ...nothing, ...request });
  }

  retarget(versions: TargetVersions): readonly Output[] {
    return this.#step({ kind: "target", target: aTarget(versions) });
  }

  #step(input: Parameters<typeof step>[1]): readonly Output[] {
    const { state, outputs } = step(this.state, input);
    this.state = state;
    return outputs;
  }
}

/** What was sent, in short: `["cluster +gateway@v1 -old"]`. */
export function sentOf(outputs: readonly Output[]): readonly string[] {
  const names = new Map<string, string>(Object.entries(typeUrls).map(([name, url]) => [url, name]));
  return outputs
    .filter((output) => output.kind === "response")
    .map(({ type, resources: added, removed }) =>
      [
        names.get(type),
        ...added.map((each) => `+${each.name}@${each.version}`),
        ...removed.map((each) => `-${each}`),
      ].join(" "),
    );
}

export function nonceOf(outputs: readonly Output[]): string {
  return outputs.find((output) => output.kind === "response")?.nonce ?? "none";
}
