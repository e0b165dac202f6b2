import { setTimeout as delay } from "node:timers/promises";
import { type NodeEntry, nodeKey } from "@vivified/contracts";
import type { Logger } from "@vivified/runtime";

/** What the `NODES` bucket must do for us. */
export type NodeStore = {
  /** Writes an entry unless it is there already, whatever its time. */
  readonly put: (entry: NodeEntry) => Promise<void>;
  readonly keys: () => Promise<readonly string[]>;
  readonly remove: (key: string) => Promise<void>;
};

const pauseMs = 500;

/**
 * Tells the gateway where plugins can be called. A node is announced when it has its mesh listener and stays until its
 * plugin may no longer be called: a stream that ends says nothing about the Envoy. What fails is done again.
 */
export class NodeRegistry implements AsyncDisposable {
  readonly #store: NodeStore;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #announced = new Map<string, NodeEntry>();
  #isActive: (pluginId: string) => boolean = () => true;
  #dirty = false;
  #working: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(store: NodeStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  announce(entry: NodeEntry): void {
    this.#announced.set(nodeKey(entry), entry);
    this.#wake();
  }

  /** Nodes of plugins that are not active go. */
  keep(isActive: (pluginId: string) => boolean): void {
    this.#isActive = isActive;
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#working;
  }

  #wake(): void {
    this.#dirty = true;
    if (!this.#busy) this.#working = this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#dirty && !this.#closing.signal.aborted) {
      this.#dirty = false;
      await this.#reconcile().catch((error: unknown) => this.#tryAgain(error));
    }
    this.#busy = false;
  }

  async #reconcile(): Promise<void> {
    for (const [key, entry] of [...this.#announced]) {
      if (this.#isActive(entry.plugin_id)) await this.#store.put(entry);
      if (this.#announced.get(key) === entry) this.#announced.delete(key);
    }
    for (const key of await this.#store.keys()) {
      if (!this.#isActive(key.split(".")[0] ?? "")) await this.#store.remove(key);
    }
  }

  async #tryAgain(error: unknown): Promise<void> {
    this.#logger.warn({ err: error }, "nodes cannot be written");
    this.#dirty = true;
    await delay(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
