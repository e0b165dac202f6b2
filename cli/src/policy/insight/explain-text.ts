import { styleText } from "node:util";
import type { Explanation } from "@vivified/pdp";
import { effectText } from "../../terminal/decision-line.ts";
import type { AskedQuestion } from "./asked-question.ts";
import { deedOf } from "./deed.ts";
import { depthText } from "./depth-text.ts";

/** An explanation for people: what was decided, and why in depth. */
export function explainText(asked: AskedQuestion, told: Explanation, options: { readonly all?: boolean } = {}): string {
  return `${headline(asked, told)}\n\n${depthText(told, options)}`;
}

function headline({ question, logged, record }: AskedQuestion, { verdict, revision }: Explanation): string {
  const deed = record === undefined ? "" : deedOf(record);
  const first = [styleText("bold", effectText(verdict.effect)), styleText("bold", question.entrypoint), deed]
    .filter(Boolean)
    .join("  ");
  const decision = logged === undefined ? "an input, not a decision" : `decision ${logged.decision_id}`;
  const when = typeof record?.timestamp === "string" ? `  ${record.timestamp}` : "";
  const other =
    logged === undefined || logged.revision === revision ? "" : `, not ${logged.revision} as it was decided`;
  return `${first}\n${styleText("dim", `${decision}${when}  revision ${revision}${other}`)}`;
}
