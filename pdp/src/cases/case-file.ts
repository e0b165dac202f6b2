import { type Effect, obligationActions } from "@vivified/contracts";
import { type Static, type TProperties, Type } from "typebox";
import { allEntrypoints } from "../entrypoints.ts";

const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const text = Type.String({ minLength: 1 });
const object = Type.Record(Type.String(), Type.Unknown());
const effects = ["allow", "sanitize", "deny"] as const satisfies Effect[];

const Expectation = closed({
  effect: Type.Enum([...effects]),
  rules: Type.Optional(Type.Array(text)),
  obligations: Type.Optional(Type.Array(closed({ path: Type.String(), action: Type.Enum([...obligationActions]) }))),
  would_deny: Type.Optional(Type.Array(text)),
});

const Case = closed({
  case: text,
  ask: Type.Enum([...allEntrypoints]),
  subject: Type.Optional(Type.Unknown({ description: "a name from `given.principals`, or an object" })),
  resource: Type.Optional(Type.Unknown({ description: "a name from `given.resources`, or an object" })),
  grant: Type.Optional(text),
  fields: Type.Optional(Type.Array(Type.Unknown({ description: "a name from `given.fields`, or an object" }))),
  attributes: Type.Optional(object),
  nd: Type.Optional(Type.Record(Type.String(), object)),
  input: Type.Optional(object),
  expect: Expectation,
});
export type WrittenCase = Static<typeof Case>;

/**
 * A file of cases: `given` names what several of them speak of. Whether a question is one is for the schema of its
 * entrypoint to say, once names have been replaced.
 */
export const CaseFile = closed({
  given: Type.Optional(
    closed({
      principals: Type.Optional(object),
      resources: Type.Optional(object),
      fields: Type.Optional(object),
    }),
  ),
  cases: Type.Array(Case, { minItems: 1 }),
});
export type CaseFile = Static<typeof CaseFile>;
