import type { PolicyInputs } from "@vivified/contracts";
import { type Static, type TProperties, type TSchema, Type } from "typebox";
import type { AnyEntrypoint } from "./entrypoints.ts";

/** Objects are closed, so that a misspelt field in a rule is a type error of `opa check`. */
const closed = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

const traits = Type.Array(Type.String());
const party = closed({ id: Type.String(), traits });
const field = closed({
  path: Type.String(),
  type: Type.Enum(["string", "number", "boolean", "null", "object", "array"]),
  traits,
});
const attributes = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]));

const about = <Resource extends TProperties>(resource: Resource) =>
  closed({
    subject: party,
    resource: closed(resource),
    grant: Type.Optional(closed({ id: Type.String() })),
    fields: Type.Array(field),
    attributes,
  });

const event = { event_type: Type.String(), traits };
const operation = { plugin: Type.String(), operation: Type.String(), traits, requires_traits: traits };
const destination = {
  scheme: Type.String(),
  host: Type.String(),
  port: Type.Number(),
  method: Type.String(),
  path: Type.String(),
};

/** The closed JSON Schema of every question's `input`; `policies/schemas/` holds the same, for `opa check --schema`. */
export const inputSchemas = {
  "events/publish": about(event),
  "events/deliver": about({ ...event, subscriber: party }),
  "rpc/invoke": about(operation),
  "rpc/reply": about(operation),
  "egress/connect": about({ ...destination, lane_enabled: Type.Boolean() }),
  "egress/reply": about({ ...destination, status: Type.Number() }),
  "admin/access": closed({ subject: party, resource: closed({ method: Type.String(), route: Type.String() }) }),
  "audit/mask": closed({ lane: Type.String(), entrypoint: Type.String(), fields: Type.Array(field), attributes }),
} as const satisfies Record<AnyEntrypoint, TSchema>;

type Schemas = typeof inputSchemas;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** Does not compile when a schema and the shape in `contracts` part ways. */
export const schemasMatchContracts: {
  [E in AnyEntrypoint]: Same<Mutable<Static<Schemas[E]>>, Mutable<PolicyInputs[E]>>;
} = {
  "events/publish": true,
  "events/deliver": true,
  "rpc/invoke": true,
  "rpc/reply": true,
  "egress/connect": true,
  "egress/reply": true,
  "admin/access": true,
  "audit/mask": true,
};
