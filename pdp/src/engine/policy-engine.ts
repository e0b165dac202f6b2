import type { LoadedPolicy } from "@open-policy-agent/opa-wasm";
import { createInstance, type PolicyCode } from "./policy-instance.ts";

/** What an evaluation came to; only `value` is an answer of the policy. */
export type Evaluation =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "undefined" }
  | { readonly kind: "error" | "trap"; readonly cause: unknown };

/**
 * One compiled module and at most one instance of it. An instance in which anything was thrown is never used again: an
 * aborted call leaks Wasm stack for good, and enough of them kill every later call.
 */
export class PolicyEngine {
  readonly #code: PolicyCode;
  #instance: Promise<LoadedPolicy> | undefined;

  constructor(code: PolicyCode) {
    this.#code = code;
  }

  /** Makes the instance before the first question, so that a module that cannot run is found at once. */
  async warm(): Promise<void> {
    await this.#current();
  }

  /** Evaluates a rule. `input` is JSON text in UTF-8; an `ArrayBuffer` is never falsy, which the SDK would drop. */
  async evaluate(rule: string, input: ArrayBuffer): Promise<Evaluation> {
    const instance = this.#current();
    try {
      return answerOf((await instance).evaluate(input, rule));
    } catch (cause) {
      if (this.#instance === instance) this.#instance = undefined;
      return { kind: isTrap(cause) ? "trap" : "error", cause };
    }
  }

  #current(): Promise<LoadedPolicy> {
    this.#instance ??= createInstance(this.#code);
    return this.#instance;
  }
}

/** OPA's result set: empty for undefined, else one `{result}`. */
function answerOf(results: unknown): Evaluation {
  if (!Array.isArray(results) || results.length > 1) return { kind: "error", cause: "not a result set" };
  const [first]: unknown[] = results;
  if (first === undefined) return { kind: "undefined" };
  return { kind: "value", value: (first as { result?: unknown }).result };
}

/** The machine broke, as opposed to the policy: a Wasm trap, an exhausted stack, or OPA out of memory. */
function isTrap(cause: unknown): boolean {
  if (typeof cause === "string") return cause.startsWith("opa_malloc");
  return cause instanceof WebAssembly.RuntimeError || cause instanceof RangeError;
}
