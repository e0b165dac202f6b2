import type { Decision, ShadowReport, SnapshotBundle } from "@vivified/contracts";
import { Candidate, type CandidateOptions } from "./candidate.ts";
import type { CandidateQuestion } from "./candidate-messages.ts";

/**
 * Lets a candidate policy judge live traffic beside the one in force, in a thread of its own. Lanes hand over what they
 * asked and what came of it, and never wait.
 */
export class ShadowJudge implements AsyncDisposable {
  readonly #options: CandidateOptions;
  #candidate: Candidate | undefined;
  #revision: string | undefined;

  constructor(options: CandidateOptions) {
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

  /** Never throws and never waits. A question that was too large for policy is none for a candidate. */
  observe(question: CandidateQuestion, decision: Decision): void {
    if (decision.reasons.some(({ rule }) => rule === "pdp.input_too_large")) return;
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
