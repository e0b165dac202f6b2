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
  readonly #failures = new Map<string, number>();
  /** What ended, and the stream did not say that it heard of it: it may come again, and is not tried again. */
  readonly #ended = new Set<string>();
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
    const place = placeOf(message);
    const delivery: Delivery = { subscriberId, data: message.data, failures: this.#failures.get(place) ?? 0 };
    try {
      await this.#settle(message, this.#ended.has(place) ? { kind: "done" } : await deliverLane(delivery, deps));
    } catch (error) {
      logger.warn({ err: error, subscriber: subscriberId }, "settling an event failed");
    } finally {
      clearInterval(stillWorking);
      this.#inFlight.delete(message);
    }
  }

  /** An end is told until the stream has heard of it: a dead letter that was tried again would make its record untrue. */
  async #settle(message: JsMsg, settlement: Settlement): Promise<void> {
    const place = placeOf(message);
    if (settlement.kind === "retry") {
      if (settlement.counts) this.#countFailure(place);
      return message.nak(settlement.delayMs);
    }
    this.#failures.delete(place);
    this.#ended.add(place);
    const [oldest] = this.#ended;
    if (this.#ended.size > maxCounted && oldest !== undefined) this.#ended.delete(oldest);
    if (await message.ackAck()) this.#ended.delete(place);
  }

  /** Bounded, since an event may end in another gateway's hands: the oldest is forgotten. */
  #countFailure(place: string): void {
    this.#failures.set(place, (this.#failures.get(place) ?? 0) + 1);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > maxCounted && oldest !== undefined) this.#failures.delete(oldest);
  }
}

/** Of one event and no other, also where the stream was put back from a backup and goes on from there. */
const placeOf = ({ seq, info }: JsMsg): string => `${seq} ${info.timestampNanos}`;
