import type { Verdict } from "@vivified/contracts";
import { dropMoot } from "../engine/drop-moot.ts";
import { readVerdict } from "../engine/read-verdict.ts";
import { refusal } from "../engine/refusal.ts";

/** The interpreter's answer as the engine would give it: checked, sorted, and a denial when it is none. */
export function verdictOf(answer: unknown): Verdict {
  if (answer === undefined) return refusal("pdp.undefined");
  const verdict = readVerdict(answer);
  if (typeof verdict === "string") return refusal(verdict);
  return { ...verdict, obligations: dropMoot(verdict.obligations) };
}
