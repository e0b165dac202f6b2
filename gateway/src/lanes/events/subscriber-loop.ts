import { setTimeout as delay } from "node:timers/promises";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { Logger } from "@vivified/runtime";
import { type DeliverLaneDeps, type Delivery, deliverLane } from "./deliver-lane.ts";
import type { Settlement } from "./settlement.ts";
import { ackWaitMs } from "./subscriber-consumer.ts";

export type SubscriberLoopOptions = {
  readonly subscriberId: string;
  readonly consumer: Consumer;
  /** Opens the durable consumer again, after it broke. */
  readonly open: () => Promise<Consumer>;
  readonly deps: DeliverLaneDeps;
  readonly logger: Logger;
};

/** Events of one subscriber on their way at once. Each is pulled when there is a hand free for it, never before. */
const hands = 8;
const pullMs = 30_000;
const pauseMs = 200;
const maxCounted = 10_000;
/** How long a stop waits for deliveries that are on their way before it gives them back. */
const graceMs = 3_000;

/** Pulls the events of one subscriber and settles each, for as long as it is open. */
export class SubscriberLoop implements AsyncDisposable {
  readonly #options: SubscriberLoopOptions;
  readonly #stopping = new AbortController();
  readonly #inFlight = new Set<JsMsg>();
  /** How often the subscriber failed an event, by its place in the stream. Forgotten with the process: tries are at least `attempts`. */
  readonly #failures = new Map<number, number>();
  readonly #running: Promise<unknown>;
  #consumer: Promise<Consumer> | undefined;

  constructor(options: SubscriberLoopOptions) {
    this.#options = options;
    this.#consumer = Promise.resolve(options.consumer);
    this.#running = Promise.all(Array.from({ length: hands }, () => this.#work()));
  }

  /** Takes no more events, waits a little for those on their way, and gives back the rest for others to deliver. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.race([this.#running, delay(graceMs, undefined, { ref: false })]);
    for (const message of this.#inFlight) message.nak();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const message = this.#mayPull() ? await this.#pull() : undefined;
      if (message !== undefined) await this.#handle(message);
      else await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Nothing is pulled that could not be delivered: while no instance is ready, events wait in the stream. */
  #mayPull(): boolean {
    const { deps, subscriberId } = this.#options;
    try {
      return deps.snapshot().plugins.get(subscriberId)?.status === "active" && deps.plugins.reachable(subscriberId);
    } catch {
      return false;
    }
  }

  async #pull(): Promise<JsMsg | undefined> {
    const { signal } = this.#stopping;
    try {
      this.#consumer ??= this.#options.open();
      const pulled = await (await this.#consumer).fetch({ max_messages: 1, expires: pullMs });
      const withdraw = () => void pulled.close();
      signal.addEventListener("abort", withdraw, { once: true });
      for await (const message of pulled) {
        signal.removeEventListener("abort", withdraw);
        if (!signal.aborted) return message;
        message.nak();
      }
      signal.removeEventListener("abort", withdraw);
    } catch (error) {
      this.#consumer = undefined;
      this.#options.logger.warn({ err: error, subscriber: this.#options.subscriberId }, "pulling events failed");
    }
    return undefined;
  }

  async #handle(message: JsMsg): Promise<void> {
    const { subscriberId, deps, logger } = this.#options;
    const stillWorking = setInterval(() => message.working(), ackWaitMs / 3);
    this.#inFlight.add(message);
    const failures = this.#failures.get(message.seq) ?? 0;
    const delivery: Delivery = { subscriberId, data: message.data, failures };
    try {
      await this.#settle(message, await deliverLane(delivery, deps));
    } catch (error) {
      logger.warn({ err: error, subscriber: subscriberId }, "settling an event failed");
    } finally {
      clearInterval(stillWorking);
      this.#inFlight.delete(message);
    }
  }

  async #settle(message: JsMsg, settlement: Settlement): Promise<void> {
    if (settlement.kind === "retry") {
      if (settlement.counts) this.#countFailure(message.seq);
      return message.nak(settlement.delayMs);
    }
    this.#failures.delete(message.seq);
    if (settlement.kind === "dead_letter") return message.term(settlement.reason);
    await message.ackAck();
  }

  /** Bounded, since an event may end in another gateway's hands: the oldest is forgotten. */
  #countFailure(seq: number): void {
    this.#failures.set(seq, (this.#failures.get(seq) ?? 0) + 1);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maxCounted && oldest !== undefined) this.#failures.delete(oldest);
  }
}
