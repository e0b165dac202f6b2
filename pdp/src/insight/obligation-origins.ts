import { isJsonObject, type JsonObject, type Obligation, type Verdict } from "@vivified/contracts";
import type { PinnedJudge } from "./pinned-judge.ts";
import type { Question } from "./question.ts";
import type { FiredRule } from "./trace/traced-rules.ts";
import { changed, fieldsOf, knownTraits, listOf, partiesOf } from "./what-if.ts";

/** What must happen to a field, and where that comes from. */
export type ObligationOrigin = Obligation & {
  /** Traits of the field that ask for this, each by itself; empty when it is a rule that asks. */
  readonly traits: readonly string[];
  /** Who would see the field whole with which further trait. */
  readonly cleared_by: readonly { readonly party: string; readonly trait: string }[];
  /** A customer's rules that ask for this. */
  readonly rules: readonly string[];
};

export type WhatIf = { readonly judge: PinnedJudge; readonly question: Question; readonly data: JsonObject };

/** Finds the origin of each obligation by asking again: with one trait of the field alone, and with a party that has one more. */
export async function obligationOrigins(
  whatIf: WhatIf,
  { obligations }: Verdict,
  fired: readonly FiredRule[],
): Promise<readonly ObligationOrigin[]> {
  const told: ObligationOrigin[] = [];
  for (const obligation of obligations) {
    const rules = fired.filter((rule) => asksFor(rule, obligation)).map(({ rule }) => rule);
    const traits = await decisiveTraits(whatIf, obligation);
    told.push({
      ...obligation,
      traits,
      cleared_by: traits.length > 0 ? await clearances(whatIf, obligation) : [],
      rules,
    });
  }
  return told;
}

const asksFor = ({ effect, said }: FiredRule, { path, action }: Obligation): boolean =>
  effect === "oblige" && said.some((what) => isJsonObject(what) && what.path === path && what.action === action);

async function decisiveTraits(whatIf: WhatIf, obligation: Obligation): Promise<string[]> {
  const field = fieldsOf(whatIf.question.input).find(({ path }) => path === obligation.path);
  const traits = listOf(field?.traits);
  const without = await actionWith(whatIf, obligation.path, () => []);
  if (without === obligation.action) return [];
  const found: string[] = [];
  for (const trait of traits) {
    if ((await actionWith(whatIf, obligation.path, () => [trait])) === obligation.action) found.push(trait);
  }
  return found.length > 0 ? found : [...traits]; // it takes all of them together
}

/** What would happen to the field if it carried other traits. */
async function actionWith(
  { judge, question }: WhatIf,
  path: string,
  traits: () => string[],
): Promise<string | undefined> {
  const fields = fieldsOf(question.input).map((field) =>
    field.path === path ? { ...field, traits: traits() } : field,
  );
  const { obligations } = await judge.judge({ ...question, input: { ...question.input, fields } });
  return obligations.find((obligation) => obligation.path === path)?.action;
}

async function clearances({ judge, question, data }: WhatIf, { path }: Obligation) {
  const found: { party: string; trait: string }[] = [];
  for (const party of partiesOf(question)) {
    for (const trait of knownTraits(data, question.input)) {
      const input = changed(question.input, [...party.path, "traits"], (held) => [
        ...new Set([...listOf(held), trait]),
      ]);
      const { effect, obligations } = await judge.judge({ ...question, input });
      if (effect !== "deny" && !obligations.some((one) => one.path === path)) found.push({ party: party.id, trait });
    }
  }
  return found;
}
