import { type Static, Type } from "typebox";
import { eventTypePattern } from "./streams.ts";

const pluginId = Type.String({ pattern: "^[a-z0-9-]+$", maxLength: 64 });
const eventType = Type.String({ pattern: eventTypePattern });
const closed = { additionalProperties: false } as const;

export const PublishGrant = Type.Object({ kind: Type.Literal("publish"), event_type: eventType }, closed);
export const SubscribeGrant = Type.Object({ kind: Type.Literal("subscribe"), event_type: eventType }, closed);
export const RpcGrant = Type.Object(
  { kind: Type.Literal("rpc"), target: pluginId, operation: Type.String({ minLength: 1, maxLength: 64 }) },
  closed,
);

export const EgressGrant = Type.Object(
  {
    kind: Type.Literal("egress"),
    /** A host name, or `*.` and a name for its subdomains and apex. */
    host: Type.String({ minLength: 1, maxLength: 253 }),
    schemes: Type.Array(Type.Enum(["https", "http", "smtp", "smtps"]), { minItems: 1 }),
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65535 }), { minItems: 1 }),
    methods: Type.Array(Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "SEND"]), { minItems: 1 }),
    path_prefix: Type.Optional(Type.String({ pattern: "^/" })),
    /** CIDR ranges that may be reached although they are not public. Dev mode only; refused everywhere else. */
    insecure_address_ranges: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 8 })),
    /** Mail without STARTTLS. Dev mode only. */
    insecure_plaintext_smtp: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** What an operator allows a plugin. The manifest only asks; this is what is authoritative. */
export const GrantRequest = Type.Union([PublishGrant, SubscribeGrant, RpcGrant, EgressGrant]);
export type GrantRequest = Static<typeof GrantRequest>;

const id = Type.String();

/** A grant with the id that core gave it. Decisions that rest on it name the id. */
export const StoredGrant = Type.Union([
  Type.Object({ ...PublishGrant.properties, id }, closed),
  Type.Object({ ...SubscribeGrant.properties, id }, closed),
  Type.Object({ ...RpcGrant.properties, id }, closed),
  Type.Object({ ...EgressGrant.properties, id }, closed),
]);
export type StoredGrant = Static<typeof StoredGrant>;

/** A grant and the plugin that holds it. */
export type Grant = StoredGrant & { readonly plugin: string };
export type EgressGrant = Extract<Grant, { kind: "egress" }>;
