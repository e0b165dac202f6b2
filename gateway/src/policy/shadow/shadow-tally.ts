import type { Decision, ShadowReport, Verdict } from "@vivified/contracts";
import { compareVerdicts } from "@vivified/pdp";

const mostExamples = 20;
/** A candidate may say anything; its report has to fit the bucket, and {@link ShadowReport}. */
const mostRules = 20;
const maxRuleLength = 200;

/** Counts how a candidate's answers differ from what was decided. */
export class ShadowTally {
  readonly #counts = { judged: 0, skipped: 0, failed: 0, would_deny: 0, would_allow: 0, fields_changed: 0 };
  readonly #examples: ShadowReport["examples"] = [];
  readonly #revision: string;
  readonly #since: Date;

  constructor(revision: string, since: Date) {
    this.#revision = revision;
    this.#since = since;
  }

  /** Questions that did not fit the queue. */
  skip(count: number): void {
    this.#counts.skipped += count;
  }

  /** Questions of which nothing came back. */
  fail(count: number): void {
    this.#counts.failed += count;
  }

  count(decision: Decision, candidate: Verdict): void {
    this.#counts.judged += 1;
    const change = compareVerdicts(decision, candidate);
    if (change.kind === "failing") this.#counts.failed += 1;
    if (change.kind === "flip") this.#counts[change.to === "deny" ? "would_deny" : "would_allow"] += 1;
    if (change.kind === "fields") this.#counts.fields_changed += 1;
    if (["failing", "flip", "fields"].includes(change.kind)) this.#keep(decision, candidate);
  }

  /** The latest examples first. */
  report(): ShadowReport {
    const examples = this.#examples.toReversed();
    return { revision: this.#revision, since: this.#since.toISOString(), ...this.#counts, examples };
  }

  #keep({ id, entrypoint, effect, reasons }: Decision, candidate: Verdict): void {
    const told = candidate.effect === "deny" ? candidate.reasons : reasons;
    const rules = [...new Set(told.map(({ rule }) => shown(rule)))].slice(0, mostRules);
    this.#examples.push({ decision_id: id, entrypoint, active: effect, candidate: candidate.effect, rules });
    if (this.#examples.length > mostExamples) this.#examples.shift();
  }
}

const shown = (rule: string): string =>
  rule
    .slice(0, maxRuleLength)
    .toWellFormed()
    .replace(/\p{Cc}/gu, " ");
