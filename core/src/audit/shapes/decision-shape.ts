import { createHash } from "node:crypto";
import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { storableText } from "../storable-text.ts";

/** What a decision has in common with others: everything that is searched by but time, trace and ids. */
export type DecisionShape = {
  readonly lane: string;
  readonly entrypoint: string;
  readonly caller: string;
  readonly action: string;
  /** `null` in a wide shape. */
  readonly resource: string | null;
  readonly target: string | null;
  readonly effect: string;
  readonly rules: readonly string[];
  readonly would_deny: boolean;
  readonly revision: string;
  /** `none`: permitted on a lane and nothing told yet; `null`: none will come. */
  readonly outcome: OutcomeRecord["outcome"] | "none" | null;
  /** Without resource and reasons, which may differ in every record: used when there are too many shapes. */
  readonly wide: boolean;
  /** Rule ids, messages and fixes, as words to search. Empty in a wide shape. */
  readonly words: string;
};

export function shapeOf(record: DecisionRecord, outcome?: OutcomeRecord): DecisionShape {
  const { effect, reasons, would_deny: wouldDeny = [] } = record.result;
  const texts = [...reasons, ...wouldDeny].flatMap(({ rule, message, fix }) => [rule, message, fix]);
  return {
    lane: record.lane,
    entrypoint: record.entrypoint,
    caller: storableText(record.caller),
    action: storableText(record.action),
    resource: storableText(record.resource),
    target: record.target === undefined ? null : storableText(record.target),
    effect,
    rules: reasons.map((reason) => storableText(reason.rule)),
    would_deny: wouldDeny.length > 0,
    revision: storableText(record.revision),
    outcome: outcome?.outcome ?? (expectsOutcome(record) ? "none" : null),
    wide: false,
    words: wordsOf(texts.join(" ")).slice(0, mostCharacters),
  };
}

const mostCharacters = 100_000;

const expectsOutcome = ({ lane, result }: DecisionRecord): boolean => lane !== "core" && result.effect !== "deny";

export function widened(shape: DecisionShape): DecisionShape {
  return { ...shape, resource: null, words: "", wide: true };
}

/** Names fall into their parts: `rpc.not_granted` is found by `granted`. */
export function wordsOf(text: string): string {
  return storableText(text).replace(/[^\p{L}\p{N}\s"-]|(?<=\S)-(?=\S)/gu, " ");
}

/** Equal shapes have equal digests. */
export function shapeDigest(shape: DecisionShape): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.values(shape)))
    .digest("base64url");
}
