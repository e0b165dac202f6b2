import { PolicyAbort } from "./host-functions.ts";
import { createInstance, type PolicyCode, type PolicyInstance } from "./policy-instance.ts";

/** What an evaluation came to; only `value` is an answer of the policy. */
export type Evaluation =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "undefined" }
  | { readonly kind: "error" | "trap" | "budget"; readonly cause: unknown };

/** The memory of a module, in pages of 64 KiB, and how often its instance was thrown away. */
export type EngineStats = { readonly pages: number; readonly grownPages: number; readonly replaced: number };

/** An instance that has grown by more than this is replaced: some answer took much, and the next ones need not keep it. */
const maxGrownPages = 64;

/**
 * One compiled module and at most one instance of it. An instance in which anything was thrown is never used again: an
 * aborted call leaks Wasm stack for good, and enough of them kill every later call.
 */
export class PolicyEngine {
  readonly #code: PolicyCode;
  #instance: Promise<PolicyInstance> | undefined;
  #stats: EngineStats = { pages: 0, grownPages: 0, replaced: 0 };

  constructor(code: PolicyCode) {
    this.#code = code;
  }

  /** As of the last evaluation. */
  get stats(): EngineStats {
    return this.#stats;
  }

  /** Makes the instance before the first question, so that a module that cannot run is found at once. */
  async warm(): Promise<void> {
    this.#watch(await this.#current());
  }

  /** Evaluates a rule within so many steps. `input` is JSON text in UTF-8. */
  async evaluate(rule: string, input: Uint8Array, steps: number): Promise<Evaluation> {
    const current = this.#current();
    let instance: PolicyInstance | undefined;
    try {
      instance = await current;
      const answer = answerIn(instance.evaluate(rule, input, steps));
      if (this.#watch(instance) > maxGrownPages) this.#replace(current);
      return answer;
    } catch (cause) {
      if (instance !== undefined) this.#watch(instance);
      this.#replace(current);
      return { kind: kindOf(cause, instance?.stepsLeft()), cause };
    }
  }

  #current(): Promise<PolicyInstance> {
    this.#instance ??= createInstance(this.#code);
    return this.#instance;
  }

  #watch(instance: PolicyInstance): number {
    const pages = instance.pages();
    const grownPages = pages - instance.initialPages;
    if (pages !== this.#stats.pages) this.#stats = { ...this.#stats, pages, grownPages };
    return grownPages;
  }

  #replace(current: Promise<PolicyInstance>): void {
    if (this.#instance !== current) return;
    this.#instance = undefined;
    this.#stats = { ...this.#stats, replaced: this.#stats.replaced + 1 };
  }
}

/** As much as a question may have: an obligation takes less than the field that it is about, and a record holds both. */
const maxAnswerBytes = 256 * 1024;

function answerIn(text: string): Evaluation {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxAnswerBytes) return { kind: "error", cause: `the answer has ${bytes} bytes` };
  return answerOf(JSON.parse(text));
}

/** OPA's result set: empty for undefined, else one `{result}`. */
function answerOf(results: unknown): Evaluation {
  if (!Array.isArray(results) || results.length > 1) return { kind: "error", cause: "not a result set" };
  const [first]: unknown[] = results;
  if (first === undefined) return { kind: "undefined" };
  return { kind: "value", value: (first as { result?: unknown }).result };
}

/**
 * The machine broke, as opposed to the policy: its steps ran out, or else a Wasm trap, an exhausted stack, or OPA out of
 * memory.
 */
function kindOf(cause: unknown, stepsLeft: number | undefined): "error" | "trap" | "budget" {
  if (cause instanceof PolicyAbort) return cause.message.startsWith("opa_malloc") ? "trap" : "error";
  if (cause instanceof WebAssembly.RuntimeError) return stepsLeft === 0 ? "budget" : "trap";
  return cause instanceof RangeError ? "trap" : "error";
}
