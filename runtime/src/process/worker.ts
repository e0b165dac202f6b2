import type { Logger } from "../telemetry/logger.ts";

export type WorkerOptions = {
  readonly name: string;
  /** Does what there is to do. Called again after every wake-up and at least this often; never twice at a time. */
  readonly work: () => Promise<void>;
  readonly everyMs: number;
  readonly logger: Logger;
};

/** Between attempts while something that the work needs is away. */
const failureRestMs = 1_000;

/** Work that goes on beside the requests. A failure is logged and tried again at the next turn. */
export class Worker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  #wake = Promise.withResolvers<void>();
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** There is something to do now. */
  wake(): void {
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, work, everyMs, logger } = this.#options;
    while (!this.#stopped) {
      this.#wake = Promise.withResolvers<void>();
      const failed = await work().then(
        () => false,
        (error: unknown) => {
          logger.warn({ err: error, worker: name }, "work failed, will be tried again");
          return true;
        },
      );
      if (!this.#stopped) await this.#rest(failed ? Math.max(everyMs, failureRestMs) : everyMs);
    }
  }

  async #rest(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#wake.resolve(), ms);
    await this.#wake.promise;
    clearTimeout(timer);
  }
}
