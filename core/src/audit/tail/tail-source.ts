import { type Logger, VivifiedError, Worker } from "@vivified/runtime";
import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { lastPlace, rowsAfter, type TailRow } from "./tail-row.ts";

export type TailSourceOptions = { readonly db: Kysely<Tables>; readonly logger: Logger };

const mostReaders = 100;
const rowsAtATime = 200;
const rowsKept = 1_000;
const everyMs = 250;

/**
 * The end of the log, read once for all who follow it, and only while somebody does. Whoever is behind what is kept here
 * reads the database page by page until they have caught up: a slow reader costs nothing but its own page.
 */
export class TailSource implements AsyncDisposable {
  readonly #options: TailSourceOptions;
  readonly #worker: Worker;
  readonly #stop = new AbortController();
  #readers = 0;
  #recent: TailRow[] = [];
  /** Everything behind this place and up to the last of `#recent` is in `#recent`. */
  #from = -1;
  #changed = Promise.withResolvers<void>();

  constructor(options: TailSourceOptions) {
    this.#options = options;
    this.#worker = new Worker({ name: "decision tail", work: () => this.#turn(), everyMs, logger: options.logger });
  }

  /** Aborted when tails have to end. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends every tail. */
  stop(): void {
    this.#stop.abort();
    this.#changed.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#worker[Symbol.asyncDispose]();
  }

  /** Takes a seat among the readers; gives what gives it back. @throws VivifiedError `rate_limited` when all are taken */
  async open(): Promise<() => void> {
    const end = await this.end();
    if (this.#readers >= mostReaders)
      throw new VivifiedError("rate_limited", { detail: `${mostReaders} tails are open already` });
    if (this.#readers === 0) {
      this.#recent = [];
      this.#from = end;
    }
    this.#readers += 1;
    return () => {
      this.#readers -= 1;
    };
  }

  /** The last place that is taken now. */
  end(): Promise<number> {
    return lastPlace(this.#options.db);
  }

  /** What comes next behind a place; nothing when that is all there is so far. */
  async read(after: number): Promise<readonly TailRow[]> {
    if (after < this.#from) return rowsAfter(this.#options.db, after, rowsAtATime);
    const next = this.#recent.findIndex((row) => row.logIndex > after);
    return next === -1 ? [] : this.#recent.slice(next, next + rowsAtATime);
  }

  /** Resolves when there may be more than now; ask for it before reading. */
  more(): Promise<void> {
    return this.#changed.promise;
  }

  async #turn(): Promise<void> {
    const recent = this.#recent;
    if (this.#readers === 0) return;
    const rows = await rowsAfter(this.#options.db, recent.at(-1)?.logIndex ?? this.#from, rowsAtATime);
    if (rows.length === 0 || recent !== this.#recent) return;
    recent.push(...rows);
    const dropped = recent.splice(0, Math.max(0, recent.length - rowsKept));
    this.#from = dropped.at(-1)?.logIndex ?? this.#from;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
    if (rows.length === rowsAtATime) this.#worker.wake();
  }
}
