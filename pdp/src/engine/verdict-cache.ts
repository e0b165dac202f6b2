import type { Verdict } from "@vivified/contracts";

const maxKeyLength = 8 * 1024;
const maxVerdictLength = 8 * 1024;

/**
 * Answers that were given before, by the exact text of the question. Only for rules that say they depend on nothing but
 * their input; bounded in entries and in the length of question and answer, the oldest goes first. Failures are never kept.
 */
export class VerdictCache {
  readonly #known = new Map<string, Verdict>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(question: string): Verdict | undefined {
    return this.#known.get(question);
  }

  set(question: string, verdict: Verdict): void {
    if (this.#maxEntries === 0 || question.length > maxKeyLength || lengthOf(verdict) > maxVerdictLength) return;
    if (this.#known.size >= this.#maxEntries) this.#dropOldest();
    this.#known.set(question, frozen(verdict));
  }

  #dropOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Characters of all that is said. */
function lengthOf({ reasons, obligations, would_deny = [], would_sanitize = [] }: Verdict): number {
  const parts = [...reasons, ...obligations, ...would_deny, ...would_sanitize];
  return parts.flatMap((part) => Object.values(part)).reduce((sum, text) => sum + text.length, 0);
}

/** Whoever gets an answer shares it with everybody who gets it later. */
function frozen(verdict: Verdict): Verdict {
  const { reasons, obligations, would_deny = [], would_sanitize = [] } = verdict;
  for (const list of [reasons, obligations, would_deny, would_sanitize]) {
    for (const part of list) Object.freeze(part);
    Object.freeze(list);
  }
  return verdict;
}
