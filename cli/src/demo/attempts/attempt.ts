import type { DecisionRow } from "@vivified/contracts";
import { claim } from "../claim.ts";
import type { Answer } from "../puppet.ts";
import { rulesOf, type StoryOfUser, untilDecision } from "../story.ts";

/** Something that must fail: it tells what was tried, what came back and why, and throws when it did not fail like that. */
export type Attempt = { readonly title: string; readonly run: (story: StoryOfUser) => Promise<void> };

/** Waits for the record of a refusal and holds it to the rule that must have been the reason. */
export async function refusedBy(rule: string, answer: Answer, story: StoryOfUser): Promise<DecisionRow> {
  const { trace_id } = answer;
  const row = await untilDecision(story, { trace_id, effect: "deny" }, {});
  claim(rulesOf(row).includes(rule), `rule ${rule} refuses it, not ${rulesOf(row).join(", ")}`);
  return row;
}

/** `403 denied` */
export function cameBack({ ok, error }: Answer): string {
  if (error === undefined) return `success: ${JSON.stringify(ok)}`;
  return [error.status, error.code ?? error.message].filter(Boolean).join(" ");
}

/** `rule: message (fix)` of every reason */
export function because(row: DecisionRow): string {
  return row.reasons.map(({ rule, message, fix }) => `${rule}: ${message}${fix && ` (fix: ${fix})`}`).join("; ");
}
