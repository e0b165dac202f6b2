import type { JsonObject, JsonValue } from "@vivified/contracts";
import type { Question } from "../question.ts";
import { changed, fieldsOf, knownTraits, listOf, type Party, partiesOf } from "../what-if.ts";

/** Something that could be otherwise, in words, and the question if it were. */
export type PossibleFact = { readonly text: string; readonly apply: (input: JsonObject) => JsonObject };

/** Each single fact of a question that an operator, a manifest or a caller could change. */
export function possibleFacts(question: Question, data: JsonObject): readonly PossibleFact[] {
  const { input } = question;
  const traits = knownTraits(data, input);
  return [
    ...grants(question),
    ...switches(input),
    ...partiesOf(question).flatMap((party) => gains(party, traits, input)),
    ...demands(input),
    ...fields(input),
    ...carried(question),
  ];
}

function grants({ input, entrypoint }: Question): PossibleFact[] {
  if (input.grant !== undefined || /^(admin|audit)\//.test(entrypoint)) return [];
  return [{ text: "an operator granted it", apply: (asked) => ({ ...asked, grant: { id: "what-if" } }) }];
}

function switches(input: JsonObject): PossibleFact[] {
  if (at(input, ["resource", "lane_enabled"]) !== false) return [];
  return [{ text: "the egress lane were switched on", apply: put(["resource", "lane_enabled"], () => true) }];
}

function gains({ path, id }: Party, traits: readonly string[], input: JsonObject): PossibleFact[] {
  const held = listOf(at(input, [...path, "traits"]));
  const lacking = traits.filter((trait) => !held.includes(trait));
  return lacking.map((trait) => ({
    text: `${id} had the trait ${trait}`,
    apply: put([...path, "traits"], (now) => [...listOf(now), trait]),
  }));
}

/** What the operation asks of its callers. */
function demands(input: JsonObject): PossibleFact[] {
  const path = ["resource", "requires_traits"];
  return listOf(at(input, path)).map((trait) => ({
    text: `the operation did not ask for ${trait}`,
    apply: put(path, (now) => listOf(now).filter((one) => one !== trait)),
  }));
}

/** Without a field there is nothing below it either. */
function fields(input: JsonObject): PossibleFact[] {
  return fieldsOf(input).map(({ path }) => ({
    text: `the field ${path === "" ? "(the whole payload)" : path} were not there`,
    apply: (asked) => ({
      ...asked,
      fields: fieldsOf(asked).filter((field) => field.path !== path && !`${field.path}`.startsWith(`${path}/`)),
    }),
  }));
}

/** What an event carries is told as a whole, too. */
function carried({ input, entrypoint }: Question): PossibleFact[] {
  if (!entrypoint.startsWith("events/")) return [];
  const path = ["resource", "traits"];
  const without = (trait: string) => (now: JsonValue | undefined) => listOf(now).filter((one) => one !== trait);
  return listOf(at(input, path)).map((trait) => ({
    text: `the event carried no ${trait}`,
    apply: (asked) => ({
      ...changed(asked, path, without(trait)),
      fields: fieldsOf(asked).map((field) => ({ ...field, traits: without(trait)(field.traits) })),
    }),
  }));
}

const put =
  (path: readonly string[], make: (value: JsonValue | undefined) => JsonValue) =>
  (input: JsonObject): JsonObject =>
    changed(input, path, make);

function at(input: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((value, name) => (value as JsonObject | undefined)?.[name], input);
}
