import { setTimeout as delay } from "node:timers/promises";
import type { KV } from "@nats-io/kv";
import type { ShadowReport, SnapshotBundle } from "@vivified/contracts";
import type { BundleKeys, PolicyBundle } from "@vivified/pdp";
import type { Clock, Logger } from "@vivified/runtime";
import { fetchBundle } from "../fetch-bundle.ts";
import { candidateQueue, type Observed } from "./candidate-queue.ts";
import { CandidateThread } from "./candidate-thread.ts";
import { ShadowTally } from "./shadow-tally.ts";

export type CandidateOptions = {
  /** Opens the bucket that holds bundles in pieces. */
  readonly open: () => Promise<KV>;
  /** Whose bundles are believed. */
  readonly keys: BundleKeys;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly startThread?: (bundle: PolicyBundle) => CandidateThread;
};

const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/** One candidate policy from its first question to its last. */
export class Candidate implements AsyncDisposable {
  readonly #options: CandidateOptions;
  readonly #named: SnapshotBundle;
  readonly #tally: ShadowTally;
  readonly #queue = candidateQueue();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #thread: CandidateThread | undefined;
  #wake = Promise.withResolvers<void>();
  #retryMs = firstRetryMs;

  constructor(named: SnapshotBundle, options: CandidateOptions) {
    this.#options = options;
    this.#named = named;
    this.#tally = new ShadowTally(named.revision, options.clock.now());
    this.#running = this.#run();
  }

  /** Never throws and never waits: what does not fit the queue is skipped. */
  observe(observed: Observed): void {
    if (!this.#queue.push(observed)) this.#tally.skip(1);
    this.#wake.resolve();
  }

  report(): ShadowReport {
    return this.#tally.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#wake.resolve();
    await this.#thread?.[Symbol.asyncDispose]();
    await this.#running;
  }

  /** A thread that ended or is stuck is replaced; a bundle that cannot be fetched is tried again, ever more seldom. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#judgeInThread().catch((error: unknown) => {
        if (signal.aborted) return;
        this.#options.logger.warn({ err: error, revision: this.#named.revision }, "candidate policy cannot judge");
      });
      await delay(this.#retryMs, undefined, { signal }).catch(() => {});
      this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
    }
  }

  async #judgeInThread(): Promise<void> {
    const { open, keys, startThread = (bundle: PolicyBundle) => new CandidateThread(bundle) } = this.#options;
    const bundle = await fetchBundle(this.#named, { bucket: await open(), keys });
    await using thread = startThread(bundle);
    this.#thread = thread;
    while (!this.#closing.signal.aborted) {
      this.#wake = Promise.withResolvers<void>();
      await this.#judgeWaiting(thread);
      await this.#wake.promise;
    }
  }

  async #judgeWaiting(thread: CandidateThread): Promise<void> {
    for (let batch = this.#queue.take(); batch.length > 0; batch = this.#queue.take()) {
      try {
        const answers = await thread.judge(batch.map(({ question }) => question));
        this.#retryMs = firstRetryMs;
        for (const [index, { decision }] of batch.entries()) {
          const answer = answers[index];
          if (answer !== undefined) this.#tally.count(decision, answer);
        }
      } catch (error) {
        this.#tally.fail(batch.length);
        throw error;
      }
    }
  }
}
