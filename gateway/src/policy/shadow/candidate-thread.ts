import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker as Thread } from "node:worker_threads";
import type { PolicyBundle } from "@vivified/pdp";
import type { CandidateAnswers, CandidateBatch, CandidateData } from "./candidate-messages.ts";

/** How long a batch may take before its thread is taken for stuck. */
const batchMs = 10_000;

/** A candidate policy in a thread of its own: however long it thinks, nobody who serves waits for it. */
export class CandidateThread implements AsyncDisposable {
  readonly #thread: Thread;

  constructor(bundle: PolicyBundle) {
    const workerData: CandidateData = { bundle };
    this.#thread = new Thread(new URL("./candidate-worker.ts", import.meta.url), { workerData });
    this.#thread.on("error", () => {}); // whoever waits for a batch is told
    this.#thread.unref();
  }

  /** @throws Error when the thread ended, or did not answer in time; it is of no use any more */
  async judge(batch: CandidateBatch): Promise<CandidateAnswers> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const ended = Promise.race([
      once(this.#thread, "exit", { signal }),
      delay(batchMs, undefined, { signal, ref: false }),
    ]).then(() => {
      throw new Error("the candidate's thread ended or is stuck");
    });
    try {
      const answered = once(this.#thread, "message", { signal });
      this.#thread.postMessage(batch);
      const [answers] = (await Promise.race([answered, ended])) as [CandidateAnswers];
      return answers;
    } finally {
      waiting.abort();
      ended.catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}
