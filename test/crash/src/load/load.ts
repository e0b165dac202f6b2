import { setTimeout as sleep } from "node:timers/promises";
import { isAcked, newOrder, type Order, type OrderKind, orderKinds } from "./order.ts";

export type LoadOptions = {
  /** Orders a second, by kind. */
  readonly rates: Readonly<Record<OrderKind, number>>;
  readonly send: (order: Order) => Promise<unknown>;
};

/** Orders of a kind that may wait for an answer at once: beyond it new ones are left out rather than piled up. */
const maxInFlight = 32;
/** Every so many orders one is forbidden. */
const forbiddenEvery = 10;
const mayBeForbidden: ReadonlySet<OrderKind> = new Set(["rpc", "publish", "http"]);
const publishAgainMs = 300;

/** Asks on every lane at once, at a steady rate whatever comes back, until it is stopped. */
export class Load {
  readonly #options: LoadOptions;
  readonly #orders: Order[] = [];
  readonly #inFlight = new Map<OrderKind, number>();
  readonly #running = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[];
  #count = 0;
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#timers = orderKinds.map((kind) => setInterval(() => this.#begin(kind), 1000 / options.rates[kind]));
  }

  /** Every request that was made, in order. */
  get orders(): readonly Order[] {
    return this.#orders;
  }

  /** Kinds that were asked for since then and done. */
  doneSince(sentMs: number): ReadonlySet<OrderKind> {
    const recent = this.#orders.slice(-2_000).filter((order) => order.sentMs >= sentMs && isAcked(order));
    return new Set(recent.map(({ kind }) => kind));
  }

  /** Asks for nothing new; resolves when everything was answered, and every publish acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #begin(kind: OrderKind): void {
    const inFlight = this.#inFlight.get(kind) ?? 0;
    if (inFlight >= maxInFlight) return;
    this.#inFlight.set(kind, inFlight + 1);
    this.#count += 1;
    const forbidden = mayBeForbidden.has(kind) && this.#count % forbiddenEvery === 0;
    const running = this.#perform(kind, `${kind}-${String(this.#count).padStart(6, "0")}`, forbidden).finally(() => {
      this.#running.delete(running);
      this.#inFlight.set(kind, (this.#inFlight.get(kind) ?? 1) - 1);
    });
    this.#running.add(running);
  }

  /** A publish is asked for with one key until it is acknowledged or refused: that it happens once is promised. */
  async #perform(kind: OrderKind, op: string, forbidden: boolean): Promise<void> {
    for (let attempts = 1; attempts <= 200; attempts += 1) {
      const order = newOrder(kind, op, forbidden);
      this.#orders.push(order);
      await this.#options.send(order);
      const { status = 0 } = order.answer ?? {};
      if (kind !== "publish" || isAcked(order) || (status >= 400 && status < 500)) return;
      await sleep(this.#stopped ? 2 * publishAgainMs : publishAgainMs);
    }
  }
}
