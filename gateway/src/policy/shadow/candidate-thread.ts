import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import type { PolicyBundle } from "@vivified/pdp";
import type { CandidateAnswers, CandidateBatch, CandidateData } from "./candidate-messages.ts";

/** How long a batch may take before its thread is taken for stuck. */
const longestBatchMs = 10_000;

/** A candidate policy in a thread of its own: however long it thinks, nobody who serves waits for it. */
export class CandidateThread implements AsyncDisposable {
  readonly #thread: Thread;
  readonly #batchMs: number;
  #ended: unknown;

  constructor(bundle: PolicyBundle, batchMs: number = longestBatchMs) {
    const workerData: CandidateData = { bundle };
    this.#batchMs = batchMs;
    this.#thread = new Thread(new URL("./candidate-worker.ts", import.meta.url), { workerData });
    this.#thread.on("error", (error) => {
      this.#ended ??= error;
    });
    this.#thread.on("exit", () => {
      this.#ended ??= hasEnded();
    });
    this.#thread.unref();
  }

  /** @throws Error when the thread ended, or did not answer in time; it is of no use any more */
  async judge(batch: CandidateBatch): Promise<CandidateAnswers> {
    if (this.#ended !== undefined) throw this.#ended;
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      this.#thread.postMessage(batch);
      const answered = once(this.#thread, "message", { signal });
      const ended = once(this.#thread, "exit", { signal }).then(() => Promise.reject(hasEnded()));
      const late = delay(this.#batchMs, undefined, { signal, ref: false }).then(() => Promise.reject(isStuck()));
      const [answers] = (await Promise.race([answered, ended, late])) as [CandidateAnswers];
      return answers;
    } finally {
      waiting.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}

const hasEnded = () => new Error("the candidate's thread has ended");
const isStuck = () => new Error("the candidate's thread does not answer");
