import { type Clock, type Logger, Worker } from "@vivified/runtime";
import type { DecisionStore } from "../decision-store.ts";
import { type Reading, readRecord } from "./read-record.ts";

export type ReadLogOptions = {
  readonly decisions: Pick<DecisionStore, "append">;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Repeated = { readonly reading: Reading; readonly sinceMs: number; times: number; decisions: number };

const windowMs = 10 * 60_000;
const flushEveryMs = 30_000;
const mostRemembered = 10_000;

/**
 * Records who reads the log. A filter that somebody uses for the first time in ten minutes is recorded before they are
 * answered; what they read with it again within that time is one more record, when the time is over. So a console that
 * asks every second adds twelve records an hour, and not thousands. Each request has its access decision besides.
 */
export class ReadLog implements AsyncDisposable {
  readonly #options: ReadLogOptions;
  readonly #remembered = new Map<string, Repeated>();
  readonly #worker: Worker;

  constructor(options: ReadLogOptions) {
    this.#options = options;
    const work = () => this.#flush(options.clock.now().getTime() - windowMs);
    this.#worker = new Worker({ name: "read log", work, everyMs: flushEveryMs, logger: options.logger });
  }

  /** To be called before the answer leaves, with how many decisions it holds. */
  async note(reading: Reading, decisions: number): Promise<void> {
    const key = JSON.stringify([reading.by.caller, reading.action, reading.filter]);
    const now = this.#options.clock.now().getTime();
    const before = this.#remembered.get(key);
    if (before !== undefined && before.sinceMs > now - windowMs) {
      before.times += 1;
      before.decisions += decisions;
      return;
    }
    await this.#options.decisions.append([...again(before), readRecord("read", reading, { decisions })]);
    this.#remembered.delete(key);
    if (this.#remembered.size < mostRemembered)
      this.#remembered.set(key, { reading, sinceMs: now, times: 0, decisions: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
    await this.#flush(Number.POSITIVE_INFINITY).catch((error: unknown) =>
      this.#options.logger.warn({ err: error }, "repeated reads were not recorded"),
    );
  }

  async #flush(untilMs: number): Promise<void> {
    const over = [...this.#remembered].filter(([, one]) => one.sinceMs <= untilMs);
    for (const [key] of over) this.#remembered.delete(key);
    await this.#options.decisions.append(over.flatMap(([, one]) => again(one)));
  }
}

const again = (one: Repeated | undefined) =>
  one === undefined || one.times === 0
    ? []
    : [readRecord("again", one.reading, { times: one.times, decisions: one.decisions })];
