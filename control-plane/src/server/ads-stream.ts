import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { envoyNodeId, meshNames } from "@vivified/contracts";
import type { Clock, Logger } from "@vivified/runtime";
import { typeUrls } from "../resources/envoy-object.ts";
import type { MeshNode } from "../snapshot/node-resources.ts";
import type { Snapshot } from "../source/snapshot-source.ts";
import { type DeltaDiscoveryRequest, deltaRequest, deltaResponse, typeOf } from "./ads-messages.ts";
import { authorizeNode, type NodePeer } from "./authorize-node.ts";
import { step } from "./delta/step.ts";
import { holds, type Input, type Output, openStream, type StreamState, type Target } from "./delta/stream-state.ts";
import type { NodeCaller, NodeEvent } from "./node-records.ts";

export type DeltaCall = ServerDuplexStream<DeltaDiscoveryRequest, ReturnType<typeof deltaResponse>>;

export type AdsStreamDeps = {
  readonly snapshot: () => Snapshot | undefined;
  /** @throws Error when the snapshot does not give a consistent target */
  readonly target: (snapshot: Snapshot, node: MeshNode) => Target;
  /** Called when a node certainly has its mesh listener as it is to be. */
  readonly onServing: (node: MeshNode, peer: NodePeer) => void;
  /** Records what an auditor wants to know of a node. */
  readonly record: (event: NodeEvent, caller: NodeCaller) => void;
  readonly counters: AdsCounters;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** What happened so far, for whoever looks. */
export type AdsCounters = { responses: number; acks: number; nacks: number; stale: number; refusedNodes: number };

/** How long a client may take to answer a response. */
const answerTimeoutMs = 30_000;
/** How long a client may take to ask for clusters and listeners; Envoy has been seen to forget to, after a reconnection. */
const askTimeoutMs = 10_000;

/** One Envoy's stream: gRPC on the outside, the pure state machine inside. */
export class AdsStream {
  readonly #call: DeltaCall;
  readonly #peer: NodePeer;
  readonly #deps: AdsStreamDeps;
  readonly #expiry: NodeJS.Timeout;
  #logger: Logger;
  #node: MeshNode | undefined;
  #state: StreamState | undefined;
  #revision = 0;
  #served = false;
  #patience: NodeJS.Timeout | undefined;
  #asking: NodeJS.Timeout | undefined;

  constructor(call: DeltaCall, peer: NodePeer, deps: AdsStreamDeps) {
    this.#call = call;
    this.#peer = peer;
    this.#deps = deps;
    this.#logger = deps.logger.child({ spiffe_id: peer.spiffeId });
    const leftMs = peer.expiresAt.getTime() - deps.clock.now().getTime();
    this.#expiry = setTimeout(() => this.end(status.UNAUTHENTICATED, "the SVID has expired"), Math.max(0, leftMs));
  }

  /** Takes one message of the client. */
  receive(message: DeltaDiscoveryRequest): void {
    const type = typeOf(message);
    if (!this.#identified(message)) return;
    if (type === undefined) this.end(status.INVALID_ARGUMENT, "a type that is not served");
    else this.#take({ kind: "request", type, ...deltaRequest(message) });
  }

  /** Brings the node to a new snapshot. */
  follow(snapshot: Snapshot): void {
    if (this.#node === undefined) return;
    const target = this.#targetOf(snapshot, this.#node);
    if (target !== undefined) this.#take({ kind: "target", target });
  }

  end(code: status, details: string): void {
    this.close();
    this.#logger.info({ code: status[code], details }, "ads stream ended by us");
    this.#call.emit("error", { code, details });
  }

  close(): void {
    clearTimeout(this.#expiry);
    clearTimeout(this.#patience);
    clearTimeout(this.#asking);
  }

  /** The node is guaranteed on the first message only, and may not become another later. */
  #identified(message: DeltaDiscoveryRequest): boolean {
    if (this.#node !== undefined && message.node === undefined) return true;
    const node = authorizeNode(message.node, this.#peer);
    if (node === undefined || (this.#node !== undefined && node.instance !== this.#node.instance)) {
      this.#deps.counters.refusedNodes += 1;
      this.#logger.warn({ security: true, node_id: message.node?.id }, "node refused");
      this.#deps.record({ rule: "mesh.node_refused", nodeId: message.node?.id ?? "" }, this.#peer);
      this.end(status.PERMISSION_DENIED, "the node id is not that of the SVID");
      return false;
    }
    return this.#node !== undefined || this.#open(node);
  }

  #open(node: MeshNode): boolean {
    const snapshot = this.#deps.snapshot();
    const target = snapshot && this.#targetOf(snapshot, node);
    if (target === undefined) {
      this.end(status.UNAVAILABLE, "there is no configuration yet");
      return false;
    }
    this.#node = node;
    this.#logger = this.#logger.child({ node: envoyNodeId(node.pluginId, node.instance) });
    this.#state = openStream(target);
    this.#asking = setTimeout(() => this.#expectQuestions(), askTimeoutMs);
    this.#logger.info("ads stream opened");
    return true;
  }

  /** A stream that does not ask for what every Envoy of ours asks for is stuck (envoy #34334, #33607); a new one heals it. */
  #expectQuestions(): void {
    const { types } = this.#state ?? { types: new Map() };
    if (!types.has(typeUrls.cluster) || !types.has(typeUrls.listener))
      this.end(status.UNAVAILABLE, "ask for everything");
  }

  #targetOf(snapshot: Snapshot, node: MeshNode): Target | undefined {
    try {
      const target = this.#deps.target(snapshot, node);
      this.#revision = snapshot.revision;
      return target;
    } catch (error) {
      this.#logger.error({ err: error, revision: snapshot.revision }, "snapshot cannot be turned into resources");
      return undefined;
    }
  }

  #take(input: Input): void {
    if (this.#state === undefined || this.#node === undefined) return;
    const { state, outputs } = step(this.#state, input);
    this.#state = state;
    for (const output of outputs) this.#effect(output);
    const acknowledged = outputs.some(({ kind }) => kind === "ack");
    if (acknowledged && holds(state, typeUrls.listener, meshNames.meshListener)) this.#serves(this.#node);
  }

  #serves(node: MeshNode): void {
    this.#deps.onServing(node, this.#peer);
    if (this.#served) return;
    this.#served = true;
    this.#deps.record(
      { rule: "mesh.node_serving", nodeId: envoyNodeId(node.pluginId, node.instance), revision: this.#revision },
      this.#peer,
    );
  }

  #effect(output: Output): void {
    if (output.kind === "response") this.#send(output);
    else this.#settle(output);
  }

  #settle(output: Exclude<Output, { kind: "response" }>): void {
    const { counters } = this.#deps;
    if (output.kind === "stale") {
      counters.stale += 1;
      return;
    }
    clearTimeout(this.#patience);
    if (output.kind === "ack") {
      counters.acks += 1;
      return;
    }
    counters.nacks += 1;
    const { type, names, error } = output;
    this.#logger.error({ type, names, error_detail: error, nacks: counters.nacks }, "resources refused by envoy");
    if (this.#node === undefined) return;
    const told = {
      nodeId: envoyNodeId(this.#node.pluginId, this.#node.instance),
      revision: this.#revision,
      type,
      detail: error,
    };
    this.#deps.record({ rule: "mesh.configuration_refused", ...told }, this.#peer);
  }

  #send(response: Extract<Output, { kind: "response" }>): void {
    this.#deps.counters.responses += 1;
    const { type, nonce, resources, removed } = response;
    const names = resources.map(({ name, version }) => `${name}@${version}`);
    this.#logger.debug({ type, nonce, names, removed, revision: this.#revision }, "resources sent");
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.end(status.DEADLINE_EXCEEDED, "no answer in time"), answerTimeoutMs);
    this.#call.write(deltaResponse(response, String(this.#revision)));
  }
}
