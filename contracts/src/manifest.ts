import { type Static, Type } from "typebox";
import { fix } from "./manifest-violation.ts";
import { eventTypePattern } from "./streams.ts";

const closed = { additionalProperties: false } as const;

/** Contracts, and the operations that a plugin which names them must declare. */
export const contractOperations = {
  CommunicationPlugin: ["send_message", "receive_messages"],
  StoragePlugin: ["store", "retrieve", "delete"],
  IdentityPlugin: ["get_user"],
  WorkflowPlugin: [],
  CustomPlugin: [],
} as const satisfies Record<string, readonly string[]>;
export type ContractName = keyof typeof contractOperations;

export const knownTraits = [
  "handles_phi",
  "handles_pii",
  "handles_financial",
  "requires_encryption",
  "external_service",
  "audit_required",
  "notifications",
  "provides_ui",
] as const;
export const reservedTraits = ["admin", "root", "system"] as const;

/** Names that are paths or principals of the platform itself. */
export const reservedPluginIds = ["core", "gateway", "control-plane", "self", "register", "heartbeat"] as const;

/** A path of one or more segments; `{param}` stands for a value of the payload. */
const pathPattern = "^(/([A-Za-z0-9._~-]+|\\{[A-Za-z_][A-Za-z0-9_]*\\}))+$";
const trait = Type.String({
  pattern: "^[a-z][a-z0-9_]{0,63}$",
  ...fix("use lower case letters, digits and underscores"),
});
const traits = (minItems: number) => Type.Array(trait, { minItems, maxItems: 32, uniqueItems: true });
const path = Type.String({ pattern: pathPattern, maxLength: 512, ...fix("write a path such as /users/{id}") });
const port = Type.Integer({ minimum: 1, maximum: 65535 });
const eventTypes = Type.Array(
  Type.String({
    pattern: eventTypePattern,
    ...fix("name one event type, such as UserCreated; wildcards are not allowed"),
  }),
  { maxItems: 200, uniqueItems: true },
);
/** JSON Schemas and other documents that are checked by rules of their own. */
const document = Type.Record(Type.String(), Type.Unknown());

const EndpointObject = Type.Object(
  {
    path,
    method: Type.Optional(Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"])),
    input: Type.Optional(document),
    output: Type.Optional(document),
    requires_traits: Type.Optional(traits(0)),
    idempotent: Type.Optional(Type.Boolean()),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 30_000 })),
  },
  closed,
);

/** What a plugin asks for, as its author writes it (product.md §1.1). The operator's grants are what is authoritative. */
export const Manifest = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9-]+$", maxLength: 64, ...fix("use lower case letters, digits and hyphens") }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    version: Type.String({
      pattern: "^(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})$",
      ...fix("write a semantic version MAJOR.MINOR.PATCH, such as 1.0.0"),
    }),
    description: Type.Optional(Type.String({ maxLength: 1000 })),
    contracts: Type.Array(Type.Enum(Object.keys(contractOperations) as ContractName[]), {
      minItems: 1,
      uniqueItems: true,
      ...fix("name at least one contract; CustomPlugin asks for nothing"),
    }),
    traits: traits(1),
    dependencies: Type.Optional(
      Type.Array(Type.String({ pattern: "^([a-z0-9-]{1,64}|[A-Z][A-Za-z]{1,63})$" }), {
        maxItems: 64,
        uniqueItems: true,
      }),
    ),
    allowed_domains: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 100, uniqueItems: true }),
    ),
    port: Type.Optional(port),
    endpoints: Type.Optional(
      Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]{0,63}$" }), Type.Union([path, EndpointObject]), {
        ...closed,
        maxProperties: 200,
      }),
    ),
    events: Type.Optional(
      Type.Object(
        {
          publishes: Type.Optional(eventTypes),
          subscribes: Type.Optional(eventTypes),
          endpoint: Type.Optional(path),
        },
        closed,
      ),
    ),
    security: Type.Object(
      {
        authentication_required: Type.Literal(true, fix("set it to true: nothing is reachable without authentication")),
        data_classification: Type.Array(Type.Enum(["public", "internal", "confidential", "pii", "phi"]), {
          minItems: 1,
          uniqueItems: true,
        }),
      },
      closed,
    ),
    compliance: Type.Object(
      {
        hipaa_controls: Type.Optional(
          Type.Array(
            Type.String({
              pattern: "^164\\.[0-9]{3}(\\([a-z0-9]{1,4}\\))+$",
              ...fix("name a control of 45 CFR 164, such as 164.312(a)"),
            }),
            { maxItems: 64, uniqueItems: true },
          ),
        ),
        audit_level: Type.Enum(["none", "basic", "detailed", "complete"]),
      },
      closed,
    ),
    health_check: Type.Optional(Type.Object({ type: Type.Literal("http"), port: Type.Optional(port), path }, closed)),
    resources: Type.Optional(
      Type.Object(
        {
          memory_limit: Type.Optional(Type.Number({ minimum: 64, maximum: 8192, ...fix("64 to 8192 (MB)") })),
          cpu_limit: Type.Optional(Type.Number({ minimum: 0.1, maximum: 8, ...fix("0.1 to 8.0 (cores)") })),
        },
        closed,
      ),
    ),
    config_schema: Type.Optional(document),
    ui: Type.Optional(document),
    transformers: Type.Optional(document),
    signature: Type.Optional(document),
  },
  closed,
);
export type Manifest = Static<typeof Manifest>;
