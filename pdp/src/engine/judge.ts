import { moduleOf, type PlatformRule, type Verdict } from "@vivified/contracts";
import { type AnyEntrypoint, decisionPath } from "../entrypoints.ts";
import { dropMoot } from "./drop-moot.ts";
import type { Evaluation, PolicyEngine } from "./policy-engine.ts";
import { readVerdict } from "./read-verdict.ts";
import { refusal } from "./refusal.ts";

/** Policy did not answer: for the log of the process that asked. `cause` may quote rules, never payload values. */
export type PolicyFailure = {
  readonly entrypoint: AnyEntrypoint;
  readonly rule: PlatformRule;
  readonly cause: unknown;
};

export type JudgeDeps = {
  readonly engines: ReadonlyMap<string, PolicyEngine>;
  readonly maxInputBytes: number;
  readonly onFailure: ((failure: PolicyFailure) => void) | undefined;
};

export type Judge = (entrypoint: AnyEntrypoint, input: object) => Promise<Verdict>;

const failureRules = { undefined: "pdp.undefined", error: "pdp.error", trap: "pdp.trap" } as const;
const encoder = new TextEncoder();

/** Asks policy. Whatever is not an answer becomes a denial under a rule of its own; the judge never rejects. */
export function createJudge({ engines, maxInputBytes, onFailure }: JudgeDeps): Judge {
  const refuse = (failure: PolicyFailure): Verdict => {
    onFailure?.(failure);
    return refusal(failure.rule);
  };
  return async (entrypoint, input) => {
    try {
      const engine = engines.get(moduleOf(entrypoint));
      if (engine === undefined) return refuse({ entrypoint, rule: "pdp.no_policy", cause: undefined });
      const text = encoder.encode(JSON.stringify(input));
      if (text.length > maxInputBytes) return refuse({ entrypoint, rule: "pdp.input_too_large", cause: text.length });
      const answer = verdictOf(await engine.evaluate(decisionPath(entrypoint), exactBuffer(text)));
      return "effect" in answer ? answer : refuse({ entrypoint, ...answer });
    } catch (cause) {
      return refuse({ entrypoint, rule: "pdp.error", cause });
    }
  };
}

function verdictOf(evaluation: Evaluation): Verdict | Omit<PolicyFailure, "entrypoint"> {
  if (evaluation.kind !== "value") {
    return { rule: failureRules[evaluation.kind], cause: "cause" in evaluation ? evaluation.cause : undefined };
  }
  const verdict = readVerdict(evaluation.value);
  if (typeof verdict === "string") return { rule: verdict, cause: undefined };
  return { ...verdict, obligations: dropMoot(verdict.obligations) };
}

function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}
