import { setTimeout as delay } from "node:timers/promises";
import type { Logger, NatsConnection } from "@vivified/runtime";
import type { Plugin, Snapshot } from "../../snapshot/snapshot.ts";
import type { DeliverLaneDeps } from "./deliver-lane.ts";
import { deleteSubscriberConsumer, listSubscriberConsumers, openSubscriberConsumer } from "./subscriber-consumer.ts";
import { SubscriberLoop } from "./subscriber-loop.ts";

export type DeliveriesDeps = DeliverLaneDeps & {
  readonly connection: NatsConnection;
  /** Calls back with every snapshot that comes into force, and with the one that is; returns how to stop. */
  readonly onSnapshot: (listener: (snapshot: Snapshot) => void) => () => void;
  readonly logger: Logger;
};

const retryMs = 1_000;

/** Keeps one loop for every active subscriber, as the snapshot says. */
export function startDeliveries(deps: DeliveriesDeps): AsyncDisposable {
  return new Deliveries(deps);
}

class Deliveries implements AsyncDisposable {
  readonly #deps: DeliveriesDeps;
  readonly #loops = new Map<string, { readonly eventTypes: string; readonly loop: SubscriberLoop }>();
  readonly #stopping = new AbortController();
  readonly #unfollow: () => void;
  #latest: Snapshot | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
    this.#unfollow = deps.onSnapshot((snapshot) => {
      this.#latest = snapshot;
      this.#working = this.#working.then(() => this.#reconcile(snapshot));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow();
    this.#stopping.abort();
    await this.#working;
    await Promise.all([...this.#loops.values()].map(({ loop }) => loop[Symbol.asyncDispose]()));
    this.#loops.clear();
  }

  /** Until it is done, or a newer snapshot makes it pointless. */
  async #reconcile(snapshot: Snapshot): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#latest === snapshot) {
      try {
        await this.#stopLoops(snapshot);
        await this.#startLoops(snapshot);
        return await this.#forgetSubscribers(snapshot);
      } catch (error) {
        this.#deps.logger.warn({ err: error }, "subscriptions could not be brought up to date");
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #stopLoops(snapshot: Snapshot): Promise<void> {
    for (const [id, { eventTypes, loop }] of this.#loops) {
      const plugin = snapshot.plugins.get(id);
      if (plugin?.status === "active" && subscribes(plugin) && typesOf(plugin) === eventTypes) continue;
      this.#loops.delete(id);
      await loop[Symbol.asyncDispose]();
    }
  }

  /** The consumer is there before its first event can be delivered, so that nothing is missed meanwhile. */
  async #startLoops(snapshot: Snapshot): Promise<void> {
    for (const plugin of snapshot.plugins.values()) {
      if (plugin.status !== "active" || !subscribes(plugin) || this.#loops.has(plugin.id)) continue;
      const wanted = { pluginId: plugin.id, eventTypes: [...plugin.subscribes], revision: snapshot.revision };
      const open = () => openSubscriberConsumer(wanted, this.#deps);
      const options = { subscriberId: plugin.id, consumer: await open(), open, deps: this.#deps };
      const loop = new SubscriberLoop({ ...options, logger: this.#deps.logger });
      this.#loops.set(plugin.id, { eventTypes: typesOf(plugin), loop });
    }
  }

  /** Who is gone or subscribes to nothing is forgotten; who is quarantined keeps what waits for it. */
  async #forgetSubscribers(snapshot: Snapshot): Promise<void> {
    const { connection } = this.#deps;
    for (const pluginId of await listSubscriberConsumers(connection)) {
      const plugin = snapshot.plugins.get(pluginId);
      if (plugin !== undefined && subscribes(plugin)) continue;
      await deleteSubscriberConsumer({ pluginId, revision: snapshot.revision }, connection);
    }
  }
}

function subscribes(plugin: Plugin): boolean {
  return plugin.eventsPath !== undefined && plugin.subscribes.size > 0;
}

function typesOf(plugin: Plugin): string {
  return [...plugin.subscribes].sort().join(" ");
}
