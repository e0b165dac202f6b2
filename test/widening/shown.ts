import type { Decision, JsonObject, JsonValue } from "@vivified/contracts";
import { applyObligations } from "../../gateway/src/pep/apply-obligations.ts";
import { changeField } from "../../gateway/src/pep/change-field.ts";
import { deriveFieldKeys } from "../../gateway/src/pep/field-keys.ts";
import { leaves } from "./questions.ts";

const keys = deriveFieldKeys("a secret of this test and nobody else's");

/** What the gateway lets out, and how much it tells of each value: 3 all of it, 2 or 1 a part, 0 nothing. */
export type Shown = { readonly effect: Decision["effect"]; readonly tells: readonly number[] };

/** Applies a decision as the gateway does, and looks at what is left of the payload, wherever it stands. */
export function shown(decision: Decision, payload: JsonObject): Shown {
  const applied = applyObligations(decision, payload, keys);
  const texts = new Set(textsIn(applied.payload));
  return { effect: applied.decision.effect, tells: leaves.map((leaf) => tellsOf(leaf, texts)) };
}

function tellsOf(leaf: string, texts: ReadonlySet<string>): number {
  if (texts.has(leaf)) return 3;
  const partly = (action: "generalize" | "mask") => texts.has(String(changeField(leaf, action, { keys, path: "" })));
  if (partly("generalize")) return 2;
  return partly("mask") ? 1 : 0;
}

function textsIn(value: JsonValue): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
