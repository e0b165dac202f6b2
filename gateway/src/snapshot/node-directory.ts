import { buckets, NodeEntry } from "@vivified/contracts";
import { type BucketEntry, BucketWatch, type Logger, type NatsConnection, parseStrictJson } from "@vivified/runtime";
import { Check } from "typebox/value";

export type NodeDirectoryOptions = {
  readonly connection: NatsConnection;
  readonly logger: Logger;
};

/** Where plugins can be called: the instances whose Envoy is ready, as the control plane says. */
export class NodeDirectory implements AsyncDisposable {
  readonly #nodes = new Map<string, NodeEntry>();
  readonly #watch: BucketWatch;
  #byPlugin: ReadonlyMap<string, readonly NodeEntry[]> = new Map();
  #turn = 0;

  constructor(options: NodeDirectoryOptions) {
    this.#watch = new BucketWatch({ ...options, bucket: buckets.nodes, onEntry: (entry) => this.#take(entry) });
  }

  has(pluginId: string): boolean {
    return this.#byPlugin.has(pluginId);
  }

  /** An instance of the plugin, each in turn; undefined when none is ready. */
  pick(pluginId: string): NodeEntry | undefined {
    const nodes = this.#byPlugin.get(pluginId) ?? [];
    this.#turn = (this.#turn + 1) % 1_000_000;
    return nodes[this.#turn % nodes.length];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #take(entry: BucketEntry): void {
    this.#nodes.delete(entry.key);
    if (entry.operation === "PUT") this.#nodes.set(entry.key, nodeOf(entry));
    this.#byPlugin = Map.groupBy(this.#nodes.values(), (node) => node.plugin_id);
  }
}

function nodeOf(entry: BucketEntry): NodeEntry {
  const node: unknown = parseStrictJson(entry.string());
  if (!isNode(node)) throw new TypeError("not a node entry");
  return node;
}

function isNode(value: unknown): value is NodeEntry {
  return Check(NodeEntry, value);
}
