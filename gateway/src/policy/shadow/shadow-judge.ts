import { setTimeout as delay } from "node:timers/promises";
import type { KV } from "@nats-io/kv";
import type { Decision, ShadowReport, SnapshotBundle } from "@vivified/contracts";
import type { BundleKeys } from "@vivified/pdp";
import type { Clock, Logger } from "@vivified/runtime";
import { fetchBundle } from "../fetch-bundle.ts";
import type { CandidateQuestion } from "./candidate-messages.ts";
import { CandidateThread } from "./candidate-thread.ts";
import { ShadowTally } from "./shadow-tally.ts";

export type ShadowJudgeOptions = {
  readonly open: () => Promise<KV>;
  readonly keys: BundleKeys;
  readonly clock: Clock;
  readonly logger: Logger;
};

type Observed = { readonly question: CandidateQuestion; readonly decision: Decision };

const mostWaiting = 2_000;
const batchSize = 200;
const retryMs = 1_000;

/**
 * Lets a candidate policy judge live traffic beside the one in force, in a thread of its own. Lanes hand over what they
 * asked and what came of it, and never wait: what does not fit the queue is skipped and counted.
 */
export class ShadowJudge implements AsyncDisposable {
  readonly #options: ShadowJudgeOptions;
  #candidate: Candidate | undefined;
  #revision: string | undefined;

  constructor(options: ShadowJudgeOptions) {
    this.#options = options;
  }

  /** What a snapshot says: another candidate begins anew, none ends. */
  follow(shadow: SnapshotBundle | undefined): void {
    if (shadow?.revision === this.#revision) return;
    this.#revision = shadow?.revision;
    const before = this.#candidate;
    this.#candidate = shadow && new Candidate(shadow, this.#options);
    void before?.[Symbol.asyncDispose]();
  }

  /** Never throws and never waits. */
  observe(question: CandidateQuestion, decision: Decision): void {
    this.#candidate?.observe({ question, decision });
  }

  report(): ShadowReport | undefined {
    return this.#candidate?.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    await candidate?.[Symbol.asyncDispose]();
  }
}

/** One candidate from its first question to its last. */
class Candidate implements AsyncDisposable {
  readonly #options: ShadowJudgeOptions;
  readonly #named: SnapshotBundle;
  readonly #tally: ShadowTally;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #waiting: Observed[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(named: SnapshotBundle, options: ShadowJudgeOptions) {
    this.#options = options;
    this.#named = named;
    this.#tally = new ShadowTally(named.revision, options.clock.now());
    this.#running = this.#run();
  }

  observe(observed: Observed): void {
    if (this.#waiting.length < mostWaiting) this.#waiting.push(observed);
    else this.#tally.skip(1);
    this.#wake.resolve();
  }

  report(): ShadowReport {
    return this.#tally.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#wake.resolve();
    await this.#running;
  }

  /** A thread that ended or is stuck is replaced; a bundle that cannot be fetched is tried again. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#judgeInThread().catch((error: unknown) => {
        this.#options.logger.warn({ err: error, revision: this.#named.revision }, "candidate policy cannot judge");
      });
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  async #judgeInThread(): Promise<void> {
    const { open, keys } = this.#options;
    const bundle = await fetchBundle(this.#named, { bucket: await open(), keys });
    await using thread = new CandidateThread(bundle);
    while (!this.#closing.signal.aborted) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers<void>();
      await this.#judgeWaiting(thread);
    }
  }

  async #judgeWaiting(thread: CandidateThread): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting.splice(0, batchSize);
      try {
        const answers = await thread.judge(batch.map(({ question }) => question));
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
