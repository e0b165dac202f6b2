import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../telemetry/logger.ts";
import { Wakeable } from "./wakeable.ts";

export type WorkerOptions = {
  readonly name: string;
  /** Does what there is to do. Called again after every wake-up and at least this often; never twice at a time. */
  readonly work: () => Promise<void>;
  readonly everyMs: number;
  readonly logger: Logger;
};

/** Between attempts while something that the work needs is away, whoever wakes it meanwhile. */
const failureRestMs = 1_000;

/**
 * Work that goes on beside the requests. A failure is logged and tried again at the next turn: never at once, since
 * what fails at once and is asked for all the time would be all that the process does.
 */
export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #due = new Wakeable();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** There is something to do now. */
  wake(): void {
    this.#due.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, work, everyMs, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const failed = await work().then(
        () => false,
        (error: unknown) => {
          logger.warn({ err: error, worker: name }, "work failed, will be tried again");
          return true;
        },
      );
      if (failed) await sleep(failureRestMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      await this.#due.within(failed ? Math.max(0, everyMs - failureRestMs) : everyMs);
    }
  }
}
